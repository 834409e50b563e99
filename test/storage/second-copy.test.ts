import { describe, expect, it } from 'vitest';
import type { JournalWrite } from '#core/journal.ts';
import { memoryStorage } from '#storage/index.ts';
import type { PrivateFiles } from '#storage/private-files.ts';
import { readLog } from '#storage/run-log.ts';
import { SecondCopy } from '#storage/second-copy.ts';
import { callKey } from '#core/id.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';

const spec = makeSpec(makeDataset(4));
const started: JournalWrite = {
  next: 0,
  entries: [{ seq: 0, at: 0, event: { type: 'run-started', version: 1, spec } }],
  answers: [],
  sent: [],
  settled: [],
};
const usage = { inputTokens: 1, outputTokens: 1 };
const note = (index: number): JournalWrite => ({
  next: 1,
  entries: [],
  answers: [],
  sent: [{ id: `0.${index}`, call: callKey('test', { index }), role: 'evaluation', reserved: usage }],
  settled: [],
});

/** Files that count how often they are opened for a write. */
function countedFiles() {
  const appended: Uint8Array<ArrayBuffer>[] = [];
  const log = (): Uint8Array<ArrayBuffer> => new Uint8Array(appended.flatMap((bytes) => [...bytes]));
  const files: Pick<PrivateFiles, 'readLog' | 'appendToLog'> = {
    readLog: () => Promise.resolve(log()),
    appendToLog: (_, bytes) => {
      appended.push(bytes);
      return Promise.resolve();
    },
  };
  return { files: files as PrivateFiles, appended, log };
}
const turns = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the second copy of a run', () => {
  it('is written with each answer at once, and notes of requests come along with it', async () => {
    const { files, appended, log } = countedFiles();
    const memory = memoryStorage();
    const copy = new SecondCopy(files, memory, () => undefined);
    await memory.journal.append(spec.id, started);
    await copy.note(spec.id, started);
    await turns();
    expect(appended.length).toBe(1);
    for (const index of [1, 2, 3]) await copy.note(spec.id, note(index));
    await turns();
    const kept: JournalWrite = { ...note(4), sent: [], settled: ['0.1'] };
    await copy.note(spec.id, kept);
    await turns();
    expect(appended.length).toBe(2);
    expect(readLog(log()).open.map(({ id }) => id)).toEqual(['0.2', '0.3']);
  });

  it('does not let notes pile up: so many of them are written without an answer', async () => {
    const { files, log } = countedFiles();
    const memory = memoryStorage();
    const copy = new SecondCopy(files, memory, () => undefined);
    await memory.journal.append(spec.id, started);
    await copy.note(spec.id, started);
    for (let index = 0; index < 40; index++) await copy.note(spec.id, note(index));
    await turns();
    expect(readLog(log()).open.length).toBeGreaterThanOrEqual(32);
  });
});
