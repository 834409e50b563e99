import { candidateId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { PromptDemos, RunEvent, RunSpec } from '#core/run.ts';
import type { RunState } from '../run-state.ts';
import { withAnswered } from './spending.ts';

export function addCandidate(state: RunState, candidate: Candidate, round: number): void {
  if (state.candidates.has(candidate.id)) return;
  state.candidates.set(candidate.id, {
    candidate,
    round,
    order: state.candidates.size,
    results: { train: new Map(), validation: new Map(), test: new Map() },
    failed: { train: 0, validation: 0, test: 0 },
    reopened: [],
    callsAfter: 0,
    ranked: false,
  });
}

/** Calls of both models, without those that asked what a model accepts. */
const callsSoFar = ({ spending }: RunState): number => spending.evaluationCalls + spending.generatorCalls;

/** Everything that was evaluated so far has found its place. */
export function rank(
  state: RunState,
  { round, residents: [id] }: Extract<SearchFact, { type: 'archive-changed' }>,
): void {
  for (const record of state.candidates.values()) record.ranked ||= record.results.train.size > 0;
  if (id !== undefined && id !== state.leaders.at(-1)?.id) state.leaders.push({ id, round, calls: callsSoFar(state) });
}

export function applyResult(state: RunState, event: Extract<RunEvent, { type: 'example-evaluated' }>): void {
  const { result } = event;
  state.spending = withAnswered(
    state.spending,
    'evaluation',
    result.attempts,
    result.type === 'answered' ? result.usage : { inputTokens: 0, outputTokens: 0 },
  );
  if (result.type === 'answered' && result.attempts === 0) state.cachedAnswers += 1;
  const record = state.candidates.get(event.candidate);
  if (!record) return; // a journal of a newer version may know candidates that this one does not
  const before = record.results[event.split].get(event.example);
  record.results[event.split].set(event.example, result);
  if (record.reopened.length > 0)
    record.reopened = record.reopened.filter(
      ({ split, example }) => split !== event.split || example !== event.example,
    );
  record.failed[event.split] += Number(result.type === 'failed') - Number(before?.type === 'failed');
  if (event.split === 'train' && !record.ranked) record.callsAfter = callsSoFar(state);
}

export function addStartingPrompts(state: RunState, spec: RunSpec): void {
  const { prompts, madePrompts = [], promptDemos = [], split } = spec;
  for (const prompt of prompts) {
    const origin: Candidate['origin'] = { type: 'start', ...(madePrompts.includes(prompt) ? { made: true } : {}) };
    const shown = promptDemos.find((one) => one.prompt === prompt);
    const candidate: Candidate = { id: candidateId(prompt), prompt, origin };
    addCandidate(state, shown ? { ...candidate, demos: demosIn(split, shown) } : candidate, 0);
  }
}

/** What a prompt shows, by the side of the data that its rows are on. */
export function demosIn(
  { train }: RunSpec['split'],
  { instruction, examples }: Omit<PromptDemos, 'prompt'>,
): NonNullable<Candidate['demos']> {
  const elsewhere = examples.filter((id) => !train.includes(id));
  return {
    instruction,
    examples: examples.filter((id) => train.includes(id)),
    ...(elsewhere.length > 0 ? { elsewhere } : {}),
  };
}

/** Answers are read by another rule: all of them are judged again, from the answer cache, and the search starts from there. */
export function beginAnew(state: RunState, spec: RunSpec): void {
  for (const map of [state.candidates, state.generated, state.heard]) map.clear();
  for (const set of [state.factSteps, state.refused, state.toldFailures]) set.clear();
  for (const list of [state.facts, state.leaders]) list.length = 0;
  state.minutesUp = undefined;
  addStartingPrompts(state, spec);
}
