import { createRandom } from '#lib/random.ts';
import type { Completion, ModelClient } from '#core/completion.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../../src/compose.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { benchRun } from './engine.ts';

const { signal: never } = new AbortController();
const rows = 1000;
const answerMs = 200;
const answer: Completion = {
  text: 'yes',
  finishReason: 'stop',
  tokens: [{ token: 'yes', logprob: -0.1, alternatives: [{ token: 'yes', logprob: -0.1 }] }],
  usage: { inputTokens: 50, outputTokens: 1 },
  latencyMs: answerMs,
};

/**
 * The time from the first request to the 1,000th answer, as a ratio to the ideal, with a disk that takes so long for each write and a
 * computer that takes no time: what waits for what, and nothing else.
 */
export async function turnaround(concurrency: number, diskMs: number): Promise<number> {
  const clock = createVirtualClock();
  const model = { provider: 'openai-compatible', values: { baseUrl: 'http://bench/v1', model: 'bench' } };
  const { spec, dataset } = benchRun({ rows, prompts: ['Answer yes or no.'], concurrency, model });
  const memory = memoryStorage();
  const times: number[] = [];
  let began = Infinity;
  const client: ModelClient = {
    fingerprint: 'bench',
    lane: 'bench',
    mostInFlight: 256,
    probe: () => ({ found: { topLogprobs: 5, rejected: [] } }),
    async complete(_, signal) {
      began = Math.min(began, clock.elapsedMs());
      await clock.sleep(answerMs, signal);
      times.push(clock.elapsedMs());
      return answer;
    },
  };
  const session = new RunSession(spec.id, {
    ...createSessionTools(
      { ...memory, dataset: () => Promise.resolve(dataset) },
      () => ({}),
      new Traffic({ clock, random: createRandom(1) }),
      clock,
    ),
    journal: {
      ...memory.journal,
      append: async (run, write) => {
        await clock.sleep(diskMs, never);
        await memory.journal.append(run, write);
      },
    },
    connect: () => Promise.resolve(client),
  });
  await clock.finish(session.begin(spec));
  await clock.finish(session.drive());
  return (Number(times[rows - 1]) - began) / ((rows * answerMs) / concurrency);
}
