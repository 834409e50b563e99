import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unlessBlocked, withPatience } from '#storage/patience.ts';

const silence = (): Error => new Error('silent');
const never = new Promise<never>(() => undefined);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('patience', () => {
  it('passes on what comes, and stops counting', async () => {
    await expect(withPatience(Promise.resolve('done'), 5, silence)).resolves.toBe('done');
    await expect(withPatience(Promise.reject(new Error('bad')), 5, silence)).rejects.toThrow('bad');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends after so many seconds of silence', async () => {
    const waiting = withPatience(never, 5, silence);
    const end = expect(waiting).rejects.toThrow('silent');
    await vi.advanceTimersByTimeAsync(5000);
    await end;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not take a sleep of the computer for silence', async () => {
    let answer = (_: string): void => undefined;
    const waiting = withPatience(new Promise<string>((resolve) => (answer = resolve)), 5, silence);
    await vi.advanceTimersByTimeAsync(1000); // after eight hours, a timer that repeats is due once and not 28,800 times
    answer('kept');
    await expect(waiting).resolves.toBe('kept');
  });
});

describe('a block', () => {
  it('that passes is not an error', async () => {
    const waiting = unlessBlocked(
      async (blocked) => {
        blocked();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return 'open';
      },
      3,
      silence,
    );
    await vi.advanceTimersByTimeAsync(1000);
    await expect(waiting).resolves.toBe('open');
  });

  it('that lasts is one, and what comes too late is not lost sight of', async () => {
    const late = vi.fn();
    const waiting = unlessBlocked(
      async (blocked) => {
        blocked();
        await new Promise((resolve) => setTimeout(resolve, 9000));
        return 'open';
      },
      3,
      silence,
      late,
    );
    const end = expect(waiting).rejects.toThrow('silent');
    await vi.advanceTimersByTimeAsync(9000);
    await end;
    expect(late).toHaveBeenCalledWith('open');
  });
});
