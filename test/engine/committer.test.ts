import { describe, expect, it } from 'vitest';
import { AppError } from '#core/error.ts';
import type { RunEvent } from '#core/run.ts';
import { Committer, type CommitterTools } from '#engine/committer.ts';
import { emptyRunState } from '#engine/run-state.ts';
import { memoryStorage } from '#storage/index.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';

const spec = makeSpec(makeDataset(6));
const started: RunEvent = { type: 'run-started', version: 1, spec };
const paused: RunEvent = { type: 'run-paused' };
const resumed: RunEvent = { type: 'run-resumed' };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function committerWith(over: Partial<CommitterTools> = {}) {
  const { journal, answers } = memoryStorage();
  const state = emptyRunState();
  const committer = new Committer({
    ...{ run: spec.id, state, journal, answers },
    now: () => 0,
    pause: () => Promise.resolve(),
    seen: () => undefined,
    blocked: () => undefined,
    ...over,
  });
  return { committer, state, types: async () => (await journal.read(spec.id)).map(({ event }) => event.type) };
}

describe('a mistake of ours while a write is taken in', () => {
  const mistake = new Error('a mistake of ours');

  it('is told to those who wait for that write, and what comes later is written all the same', async () => {
    let isBroken = true;
    const { committer, state, types } = committerWith({
      seen: () => {
        if (isBroken) throw mistake;
      },
    });
    await expect(committer.commit({ events: [started] })).rejects.toBe(mistake);
    isBroken = false;
    await committer.commit({ events: [paused] });
    expect(await types()).toEqual(['run-started', 'run-paused']);
    expect(state.status).toBe('paused');
  });

  it('leaves nobody waiting: neither who was written together with it nor who came meanwhile', async () => {
    const { committer, types } = committerWith();
    await committer.commit({ events: [started] });
    const fail = (): void => {
      throw mistake;
    };
    const [first, second, later] = await Promise.allSettled([
      committer.commit({ events: [paused], applied: fail }),
      committer.commit({ events: [resumed] }),
      turn().then(() => committer.commit({ events: [paused] })),
    ]);
    expect([first, second]).toEqual([
      { status: 'rejected', reason: mistake },
      { status: 'rejected', reason: mistake },
    ]);
    // the state is no longer that of the journal, and the journal does not take it
    expect(later).toMatchObject({ status: 'rejected', reason: { code: 'run-busy' } });
    expect(await types()).toEqual(['run-started', 'run-paused', 'run-resumed']);
  });

  it('is told also where it is in the very word that the disk is full', async () => {
    let isFull = true;
    const { journal } = memoryStorage();
    const { committer } = committerWith({
      journal: {
        ...journal,
        append: (...given) => (isFull ? Promise.reject(new AppError('storage-full', {})) : journal.append(...given)),
      },
      blocked: () => {
        throw mistake;
      },
    });
    committer.isPatient = true;
    await expect(committer.commit({ events: [started] })).rejects.toBe(mistake);
    isFull = false;
    await committer.commit({ events: [started] });
    expect((await journal.read(spec.id)).map(({ event }) => event.type)).toEqual(['run-started']);
  });
});
