import { describe, expect, it } from 'vitest';
import { runId } from '#core/id.ts';
import { memoryStorage } from '#storage/index.ts';
import { failingStorage, type StorageFault } from '../support/failing-storage.ts';
import { entriesOf, writeOf } from './samples.ts';

const run = runId(0, 1);

/** Which of three writes were acknowledged, and how many entries stand on the disk. */
async function threeWrites(fault: StorageFault): Promise<unknown> {
  const inner = memoryStorage();
  const { journal, operations } = failingStorage(inner, fault);
  const ends: unknown[] = [];
  for (let n = 0; n < 3; n++) {
    const { length } = await inner.journal.read(run);
    ends.push(
      await journal.append(run, writeOf(entriesOf(run, length, 1))).then(
        () => 'ok',
        (error: unknown) => (error as { code: unknown }).code,
      ),
    );
  }
  return { ends, kept: (await inner.journal.read(run)).length, operations: operations() };
}

describe('a storage that fails on purpose', () => {
  it.each<{ readonly fault: StorageFault; readonly ends: readonly string[]; readonly kept: number }>([
    { fault: { at: 2, lasts: 'once', kind: 'full' }, ends: ['ok', 'storage-full', 'ok'], kept: 2 },
    { fault: { at: 2, lasts: 'for-ever', kind: 'full' }, ends: ['ok', 'storage-full', 'storage-full'], kept: 1 },
    { fault: { at: 3, lasts: 'once', kind: 'broken' }, ends: ['ok', 'ok', 'storage-unavailable'], kept: 2 },
    { fault: { at: 1, lasts: 'once', kind: 'unheard' }, ends: ['storage-unavailable', 'ok', 'ok'], kept: 3 },
    { fault: { at: 9, lasts: 'for-ever', kind: 'broken' }, ends: ['ok', 'ok', 'ok'], kept: 3 },
  ])('fails where it was told to: $fault', async ({ fault, ends, kept }) => {
    expect(await threeWrites(fault)).toEqual({ ends, kept, operations: 3 });
  });
});
