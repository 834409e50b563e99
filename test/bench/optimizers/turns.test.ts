import { describe, expect, it } from 'vitest';
import { Turns } from './turns.mjs';

/** Works that end when they are told to. */
function works(turns: Turns, topics: readonly string[]) {
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const done = topics.map((topic, index) =>
    turns.of(topic, () => {
      begun.push(index);
      return new Promise<number>((resolve, reject) => {
        ends[index] = (error) => (error ? reject(error) : resolve(index));
      });
    }),
  );
  return { begun, ends, done };
}

describe('turns', () => {
  it('lets no more in than there are places', async () => {
    const { begun, ends, done } = works(new Turns(2), ['a', 'b', 'c']);
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await done[0];
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
  });

  it('lets those in first that go on with the topic of the last one, then who has waited longest', async () => {
    const { begun, ends, done } = works(new Turns(1), ['a', 'b', 'a', 'c', 'b']);
    for (let turn = 0; turn < 5; turn++) {
      await Promise.resolve();
      const now = begun[turn] ?? -1;
      ends[now]?.();
      await done[now];
    }
    expect(begun).toEqual([0, 2, 1, 4, 3]);
  });

  it('makes room when a work fails, and hands its error on', async () => {
    const { begun, ends, done } = works(new Turns(1), ['a', 'b']);
    await Promise.resolve();
    ends[0]?.(new Error('no'));
    await expect(done[0]).rejects.toThrow('no');
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
  });
});
