import { expose } from '#lib/rpc.ts';
import { callKey } from '#core/id.ts';
import { openStorage } from '#storage/index.ts';
import { benchRun, entriesFrom } from './made-run.ts';

const completion = {
  text: 'billing',
  finishReason: 'stop' as const,
  tokens: Array.from({ length: 3 }, () => ({
    token: 'billing',
    logprob: -0.25,
    alternatives: Array.from({ length: 5 }, (_, index) => ({ token: `token ${index}`, logprob: -index - 0.125 })),
  })),
  usage: { inputTokens: 200, outputTokens: 3 },
  latencyMs: 300,
};

const worker = {
  async write(count: number, each: number) {
    const storage = await openStorage('bench');
    const times: number[] = [];
    const start = performance.now();
    for (let next = 0; next < count; next += each) {
      const entries = [...entriesFrom(next, Math.min(count, next + each))];
      const before = performance.now();
      await storage.journal.append(benchRun, {
        next,
        entries,
        answers: entries.map(({ seq }) => ({ call: callKey('bench', { seq }), completion })),
        sent: [],
        settled: [],
      });
      times.push(performance.now() - before);
    }
    const seconds = (performance.now() - start) / 1000;
    times.sort((a, b) => a - b);
    const { secondCopy } = storage.safety.current;
    storage.close();
    const at = (share: number) => times[Math.floor(times.length * share)];
    return { secondCopy, seconds, answersPerSecond: count / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
  },
};

export type JournalWorker = typeof worker;
expose(worker);
