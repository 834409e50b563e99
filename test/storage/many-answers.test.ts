import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { callKey, runId } from '#core/id.ts';
import { foldEntries } from '#engine/run-state.ts';
import { openStorage } from '#storage/index.ts';
import { completionOf, entriesOf, headOfRun, writeOf } from './samples.ts';

describe('100,000 answers', () => {
  const run = runId(Date.UTC(2026, 0, 2), 1);
  const count = 100_000;
  const each = 5000;
  const { tokens: _, ...small } = completionOf('');

  it('S15 are opened in seconds: the run is listed, read and folded, and any answer is found', async () => {
    const name = 'many answers';
    const before = await openStorage(name);
    await before.library.putRun(headOfRun(run, 1));
    for (let first = 0; first < count; first += each) {
      const answers = Array.from({ length: each }, (_, n) => ({
        call: callKey('many', { seq: first + n }),
        completion: { ...small, text: `answer ${first + n}` },
      }));
      await before.journal.append(run, writeOf(entriesOf(run, first, each), answers));
    }
    before.close();

    const startedAt = performance.now();
    const storage = await openStorage(name);
    expect(await storage.library.runs()).toHaveLength(1);
    const entries = await storage.journal.read(run);
    const state = foldEntries(entries);
    const tookMs = performance.now() - startedAt;
    expect(entries).toHaveLength(count);
    expect(state.nextSeq).toBe(count);
    expect(state.spending.evaluationCalls).toBe(count - 1);
    for (const seq of [0, 1, 77_777, count - 1])
      expect((await storage.answers.get(callKey('many', { seq })))?.text).toBe(`answer ${seq}`);
    // a busy machine is slow; work that grows with the square of the answers would take minutes
    expect(tookMs).toBeLessThan(10_000);
    storage.close();
  }, 240_000);
});
