import { isDeepStrictEqual } from 'node:util';
import { callsOf } from '#core/budget.ts';
import { isRowFailure } from '#core/error.ts';
import type { ModelRole } from '#core/run.ts';
import { foldEntries, type RunState } from '#engine/run-state.ts';
import type { History } from './history.ts';

/** What must hold when a history is over. */
export function checkEnd(history: History): void {
  const { world, disk, last } = history;
  if (!last) {
    if (world.violations.length === 0) world.violated('alive', 'the run did not end');
    return;
  }
  const replayed = foldEntries(disk.entries);
  if (!isDeepStrictEqual(last.state, replayed))
    world.violated('P20', `replayed is not live: ${difference(last.state, replayed)}`);
  if (disk.open.size > 0) world.violated('P20', `${disk.open.size} requests are open after the end`);
  for (const id of disk.settled) if (!disk.sent.has(id)) world.violated('P20', `${id} was settled and never sent`);
  checkBooks(history, replayed);
  checkCharges(history);
  for (const { results } of replayed.candidates.values())
    for (const map of Object.values(results))
      for (const result of map.values())
        if (result.type === 'failed' && !isRowFailure(result.code))
          world.violated('P6', `a row failed with ${result.code}`);
}

/** The sums of the state are those of the events, and those of the requests that were written down. */
function checkBooks({ world, disk }: History, state: RunState): void {
  const calls: Record<ModelRole, number> = { evaluation: 0, generator: 0 };
  const tokens: Record<ModelRole, number> = { evaluation: 0, generator: 0 };
  let probes = 0;
  for (const { event } of disk.entries) {
    if (event.type === 'model-probed') probes += event.calls;
    else if (event.type === 'call-failed') calls[event.role] += 1;
    else if (event.type === 'calls-lost') for (const { role } of event.attempts) calls[role] += 1;
    else if (event.type === 'answers-kept') {
      calls[event.role] += event.calls;
      tokens[event.role] += event.usage.inputTokens + event.usage.outputTokens;
    } else if (event.type === 'text-generated') {
      calls.generator += event.attempts;
      if (event.attempts > 0) tokens.generator += event.usage.inputTokens + event.usage.outputTokens;
    } else if (event.type === 'example-evaluated') {
      calls.evaluation += event.result.attempts;
      if (event.result.type === 'answered' && event.result.attempts > 0)
        tokens.evaluation += event.result.usage.inputTokens + event.result.usage.outputTokens;
    }
  }
  const { spending } = state;
  const shown = [
    spending.evaluationCalls,
    spending.generatorCalls,
    spending.probeCalls,
    spending.evaluation.inputTokens + spending.evaluation.outputTokens,
    spending.generator.inputTokens + spending.generator.outputTokens,
  ];
  const counted = [calls.evaluation, calls.generator, probes, tokens.evaluation, tokens.generator];
  if (!isDeepStrictEqual(shown, counted))
    world.violated('P20', `shown ${shown.join(' ')}, counted ${counted.join(' ')}`);
  const written = disk.sent.size - disk.takenBack.size + probes;
  if (callsOf(spending) !== written)
    world.violated('P20', `${callsOf(spending)} calls are shown, ${written} were written down`);
}

/** Nothing is paid twice but what nobody can know of. */
function checkCharges({ world, disk, provider }: History): void {
  const unknown = new Map<string, number>();
  const add = (call: string): void => void unknown.set(call, (unknown.get(call) ?? 0) + 1);
  for (const { event } of disk.entries) {
    if (event.type === 'call-failed' && event.charged === 'maybe') add(event.call);
    else if (event.type === 'calls-lost') for (const { call } of event.attempts) add(call);
  }
  for (const [call, charged] of provider.charged)
    if (charged > 1 + (unknown.get(call) ?? 0))
      world.violated(
        'P2',
        `${call.slice(0, 6)} was charged ${charged} times, ${unknown.get(call) ?? 0} of its requests are unknown`,
      );
}

/** What a run came to, without times and without what it took to get there. */
export const resultOf = (state: RunState): unknown => ({
  candidates: [...state.candidates.values()].map(({ candidate, round, order, results }) => ({
    candidate,
    round,
    order,
    results: Object.values(results).map((map) =>
      [...map]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, result]) =>
          result.type === 'answered'
            ? [id, result.outcome, result.answer, result.read, result.crossEntropy, result.call]
            : [id, result.code, result.message],
        ),
    ),
  })),
  facts: state.facts,
  heard: [...state.heard],
  texts: [...state.generated.values()]
    .map(({ step, job, messages, output }) => ({ step, job, messages, output }))
    .sort((a, b) => a.step - b.step || a.job - b.job),
  refused: [...state.refused],
  searchEnd: state.searchEnd,
  end: state.end,
});

/** The first place in which two values differ, for a person to read. */
export function difference(a: unknown, b: unknown, path = ''): string {
  if (isDeepStrictEqual(a, b)) return '';
  const plain = (value: unknown): unknown => (value instanceof Map || value instanceof Set ? [...value] : value);
  const [left, right] = [plain(a), plain(b)];
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right)
    return `${path}: ${JSON.stringify(left)} and ${JSON.stringify(right)}`;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = difference(
      (left as Record<string, unknown>)[key],
      (right as Record<string, unknown>)[key],
      `${path}.${key}`,
    );
    if (found !== '') return found;
  }
  return `${path}: not the same kind`;
}
