import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { runId } from '#core/id.ts';
import type { JournalEntry } from '#core/run.ts';
import { entriesIn } from '#storage/blocks.ts';
import { openStorage } from '#storage/index.ts';
import { blockSize } from '#storage/journal-keys.ts';
import { packEntries, unpackEntries } from '#storage/packed.ts';
import { packWords, readWords } from '#storage/words.ts';
import { randomEvent } from './random-events.ts';
import { entriesOf, writeOf } from './samples.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const unpacked = (entries: readonly JournalEntry[]): readonly JournalEntry[] => {
  const out: JournalEntry[] = [];
  unpackEntries(structuredClone(packEntries(entries)), out);
  return out;
};

describe('packed entries', () => {
  it('come out as they went in, whatever event it is', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const first = random.integer(1000);
      const entries = Array.from({ length: random.integer(60) }, (_, index) => ({
        seq: first + index,
        at: random.pick([0, -0, 1.7e12, random.next()]),
        event: randomEvent(random),
      }));
      expect(unpacked(entries)).toStrictEqual(entries);
    }
  });

  it('keep members that this version does not know, and values that have not the expected form', () => {
    const entries = entriesOf(run, 1, 1) as [JournalEntry];
    const { event } = entries[0];
    if (event.type !== 'example-evaluated' || event.result.type !== 'answered') throw new Error('not an answer');
    const { result } = event;
    const strange: readonly unknown[] = [
      { ...event, later: 1 },
      { ...event, split: 'holdout' },
      { ...event, candidate: undefined },
      { ...event, result: { ...result, later: 1 } },
      { ...event, result: { ...result, read: undefined } },
      { ...event, result: { ...result, outcome: 'later' } },
      { ...event, result: { ...result, latencyMs: null } },
      { ...event, result: { ...result, usage: { ...result.usage, estimated: false } } },
      { ...event, result: { ...result, usage: { ...result.usage, cachedTokens: 3 } } },
      { ...event, result: { ...result, usage: { inputTokens: 1 } } },
      { ...event, result: { ...result, crossEntropy: { type: 'later', value: 1 } } },
      { ...event, result: { ...result, crossEntropy: { type: 'scored', value: 1, bound: undefined } } },
      { ...event, result: { ...result, crossEntropy: { type: 'scored', value: 1, bound: 'later' } } },
      { ...event, result: { ...result, crossEntropy: { type: 'unscored', reason: 'no-answer', value: 1 } } },
      { ...event, result: { ...result, crossEntropy: { type: 'unscored', reason: 'later' } } },
    ];
    for (const [index, odd] of strange.entries()) {
      const made = [entries[0], { seq: 2, at: 1, event: odd }, { ...entries[0], seq: 3 }] as JournalEntry[];
      expect(unpacked(made), String(index)).toStrictEqual(made);
    }
  });

  it('keep each different text once', () => {
    const words = packWords(['a', undefined, 'bc', 'a', '', '\ud800', '\udc00']);
    expect(words.text).toBe('abc\ud800\udc00');
    expect(readWords(words)).toEqual(['a', undefined, 'bc', 'a', '', '\ud800', '\udc00']);
  });
});

describe('a long journal', () => {
  let count = 0;
  const blocks = async (name: string): Promise<readonly { readonly last: number; readonly packed: boolean }[]> => {
    const database = await openDB(name);
    const [keys, values] = await Promise.all([database.getAllKeys('journal'), database.getAll('journal')]);
    database.close();
    return keys.map((key, index) => ({
      last: (key as [string, number])[1],
      packed: 'packed' in (values[index] as object),
    }));
  };
  const start = async () => {
    const name = `long ${count++}`;
    return { name, storage: await openStorage(name) };
  };

  it('is packed while it is written, and reads the same from any entry on', async () => {
    const { name, storage } = await start();
    const all = entriesOf(run, 0, 3 * blockSize + 100);
    const random = createRandom(1);
    for (let next = 0; next < all.length;) {
      const entries = all.slice(next, next + 1 + random.integer(64));
      await storage.journal.append(run, writeOf(entries));
      next += entries.length;
    }
    expect((await blocks(name)).length).toBeLessThan(200);
    expect((await blocks(name)).filter(({ packed }) => packed).length).toBeGreaterThanOrEqual(3);
    expect(await storage.journal.read(run)).toEqual(all);
    for (const from of [0, 1, blockSize - 1, blockSize, blockSize + 1, 2 * blockSize + 17, all.length - 1, all.length])
      expect(await storage.journal.read(run, from)).toEqual(all.slice(from));
    for (const next of [0, blockSize, all.length - 1, all.length + 1])
      await expect(storage.journal.append(run, writeOf(entriesOf(run, next, 2)))).rejects.toMatchObject({
        code: 'run-busy',
      });
    storage.close();
  });

  it('is packed to the end when the run ends', async () => {
    const { name, storage } = await start();
    for (let next = 0; next < 50; next++) await storage.journal.append(run, writeOf(entriesOf(run, next, 1)));
    const end = { seq: 50, at: 1, event: { type: 'run-ended', outcome: 'stopped', reason: '' } } as const;
    await storage.journal.append(run, writeOf([end]));
    await storage.settings.set('after', 1);
    expect(await blocks(name)).toEqual([{ last: 50, packed: true }]);
    expect(await storage.journal.read(run)).toEqual([...entriesOf(run, 0, 50), end]);
    await storage.journal.append(run, writeOf(entriesOf(run, 51, 1)));
    storage.close();
  });

  it('of another run is left alone', async () => {
    const { name, storage } = await start();
    const other = runId(Date.UTC(2026, 0, 2), 10);
    for (let next = 0; next < 5; next++) {
      await storage.journal.append(run, writeOf(entriesOf(run, next, 1)));
      await storage.journal.append(other, writeOf(entriesOf(other, next, 1)));
    }
    const end = { seq: 5, at: 1, event: { type: 'run-ended', outcome: 'stopped', reason: '' } } as const;
    await storage.journal.append(run, writeOf([end]));
    expect(await storage.journal.read(other)).toEqual(entriesOf(other, 0, 5));
    expect((await blocks(name)).filter(({ packed }) => packed)).toEqual([{ last: 5, packed: true }]);
    storage.close();
  });

  it('that comes in one write is packed at once', async () => {
    const { name, storage } = await start();
    const all = entriesOf(run, 0, 2 * blockSize + 5);
    await storage.journal.append(run, writeOf(all));
    expect(await blocks(name)).toEqual([
      { last: blockSize - 1, packed: true },
      { last: 2 * blockSize - 1, packed: true },
      { last: 2 * blockSize + 4, packed: false },
    ]);
    expect(entriesIn([all])).toEqual(all);
    expect(await storage.journal.read(run)).toEqual(all);
    storage.close();
  });
});
