import { describe, expect, it } from 'vitest';
import { forEachConcurrent } from '#lib/concurrent.ts';

const never = new AbortController().signal;
const items = Array.from({ length: 20 }, (_, i) => i);

/** Work that ends when the test says so. */
function handOperated() {
  const open: { readonly item: number; readonly finish: () => void; readonly fail: (error: Error) => void }[] = [];
  return {
    open,
    work: (item: number) =>
      new Promise<void>((resolve, reject) => {
        open.push({ item, finish: resolve, fail: reject });
      }),
  };
}
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

describe('forEachConcurrent', () => {
  it('does each item once and never more than the limit at a time', async () => {
    for (const limit of [1, 3, 50]) {
      let underWay = 0;
      let most = 0;
      const done: number[] = [];
      await forEachConcurrent(
        items,
        limit,
        async (item) => {
          most = Math.max(most, ++underWay);
          await settle();
          underWay -= 1;
          done.push(item);
        },
        never,
      );
      expect(most).toBe(Math.min(limit, items.length));
      expect(done.sort((a, b) => a - b)).toEqual(items);
    }
  });

  it('starts nothing new after the first failure, finishes what is under way, and passes on the first one', async () => {
    const { open, work } = handOperated();
    let ended = false;
    const all = forEachConcurrent(items, 3, work, never).finally(() => (ended = true));
    const outcome = expect(all).rejects.toThrow('first');
    await settle();
    expect(open.map(({ item }) => item)).toEqual([0, 1, 2]);
    open[1]?.fail(new Error('first'));
    await settle();
    expect(ended).toBe(false);
    open[0]?.fail(new Error('second'));
    open[2]?.finish();
    await outcome;
    expect(open).toHaveLength(3);
  });

  it('starts nothing new after an abort and rejects with its reason', async () => {
    const { open, work } = handOperated();
    const stop = new AbortController();
    const all = forEachConcurrent(items, 2, work, stop.signal);
    const outcome = expect(all).rejects.toMatchObject({ name: 'AbortError' });
    await settle();
    stop.abort();
    open[0]?.finish();
    open[1]?.finish();
    await outcome;
    expect(open).toHaveLength(2);
  });

  it('is done at once with nothing to do', async () => {
    await expect(forEachConcurrent([], 4, () => Promise.reject(new Error('never')), never)).resolves.toBeUndefined();
  });
});
