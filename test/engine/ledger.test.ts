import { describe, expect, it } from 'vitest';
import type { Budget } from '#core/budget.ts';
import type { Usage } from '#core/completion.ts';
import { Ledger, type Reserve } from '#engine/ledger.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { stateOf } from '../support/drive.ts';

const dataset = makeDataset(24);
const never = new AbortController().signal;

/** The ledger of a run that has just begun, `minutes` ago by its own clock. */
function ledgerOf(budget: Budget, minutes = 0): Ledger {
  const spec = makeSpec(dataset, { budget });
  return new Ledger(
    stateOf([{ seq: 0, at: 0, event: { type: 'run-started', version: 1, spec } }]),
    () => minutes * 60_000,
  );
}
const reserve = (inputTokens: number, outputTokens = 0): Reserve => ({
  role: 'evaluation',
  usage: { inputTokens, outputTokens },
});
const took = (inputTokens: number): Usage => ({ inputTokens, outputTokens: 0 });
const refused = { code: 'budget-spent' };

describe('what is set aside', () => {
  it('counts at its worst until it is answered, and nothing passes the ceiling', async () => {
    const ledger = ledgerOf({ calls: 100, tokens: 1000 });
    await ledger.take(reserve(400, 200), never);
    let isIn = false;
    void ledger.take(reserve(500), never).then(() => (isIn = true));
    await Promise.resolve();
    expect(isIn).toBe(false);
  });

  it('lets in who waits as soon as another call turns out cheaper, and not before', async () => {
    const ledger = ledgerOf({ calls: 100, tokens: 1000 });
    const first = reserve(900);
    await ledger.take(first, never);
    const second = ledger.take(reserve(500), never);
    ledger.answered(first, took(300));
    await expect(second).resolves.toBeUndefined();
  });

  it('refuses at once where those that are answered leave no room: nothing that is still to come could make any', async () => {
    const ledger = ledgerOf({ calls: 100, tokens: 1000 });
    const [answered, other] = [reserve(600), reserve(100)];
    await ledger.take(answered, never);
    await ledger.take(other, never);
    ledger.answered(answered, took(600));
    await expect(ledger.take(reserve(500), never)).rejects.toMatchObject(refused);
  });

  it('counts once: what was set aside for a request is not held against it', async () => {
    const ledger = ledgerOf({ calls: 1, tokens: 1000 });
    const only = reserve(1000);
    await ledger.take(only, never);
    expect(ledger.fits(only)).toBe(true);
    await expect(ledger.take(reserve(1), never)).rejects.toMatchObject(refused);
    ledger.settle(only);
    await expect(ledger.take(reserve(1), never)).resolves.toBeUndefined();
  });

  it('is waited for no longer than the signal lets', async () => {
    const ledger = ledgerOf({ calls: 100, tokens: 1000 });
    await ledger.take(reserve(900), never);
    const stop = new AbortController();
    const waiting = ledger.take(reserve(500), stop.signal);
    stop.abort('enough');
    await expect(waiting).rejects.toBe('enough');
  });
});

describe('time that is up', () => {
  it('ends the search, but neither the comparison of its finalists nor the questions about the sealed rows', async () => {
    const ledger = ledgerOf({ calls: 100, minutes: 2 }, 2);
    expect(ledger.holds(1)).toBe(false);
    expect(ledger.minutesUp).toBe(2);
    await expect(ledger.take(reserve(1), never)).rejects.toMatchObject(refused);
    ledger.closing = true;
    expect(ledger.holds(1)).toBe(true);
    await expect(ledger.take(reserve(1), never)).resolves.toBeUndefined();
  });
});

describe('calls that are kept for later', () => {
  it('are not given away before', () => {
    const ledger = ledgerOf({ calls: 10 });
    expect([ledger.holds(10), ledger.holds(10, 1), ledger.holds(9, 1)]).toEqual([true, false, true]);
    ledger.reserve = 4;
    expect([ledger.holds(7), ledger.holds(6)]).toEqual([false, true]);
  });
});
