import { addUsage, noSpending, type Spending } from '#core/budget.ts';
import type { Capabilities } from '#core/completion.ts';
import type { ErrorRecord } from '#core/error.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import { candidateId, type CandidateId, type ExampleId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { JournalEntry, ModelRole, RunEvent, RunSpec, RunStatus } from '#core/run.ts';

type Generated = Extract<RunEvent, { type: 'text-generated' }>;
type SearchEnd = Omit<Extract<RunEvent, { type: 'search-ended' }>, 'type'>;

export type CandidateState = {
  readonly candidate: Candidate;
  /** 0 for the starting prompts. */
  readonly round: number;
  /** Place in the order of proposal, from 0. */
  readonly order: number;
  readonly results: Readonly<Record<Split, Map<ExampleId, ExampleResult>>>;
  /** Calls of the whole run when the last result of this prompt on the train rows came in: its place on the calls axis. */
  callsAfter: number;
};

/** A run as its journal tells it. Changed by `apply` and by nothing else. */
export type RunState = {
  spec: RunSpec | undefined;
  status: RunStatus;
  startedAt: number;
  /** Time of the newest entry, for reading. */
  lastAt: number;
  nextSeq: number;
  readonly capabilities: Partial<Record<ModelRole, Capabilities>>;
  readonly candidates: Map<CandidateId, CandidateState>;
  readonly facts: { readonly step: number; readonly fact: SearchFact }[];
  readonly factSteps: Set<number>;
  readonly refused: Set<number>;
  readonly generated: Map<string, Generated>;
  spending: Spending;
  /** Answers that came from the answer cache and cost nothing. */
  cachedAnswers: number;
  /** Time spent running, without pauses, up to the newest entry. */
  runningMs: number;
  runningSince: number;
  searchEnd: SearchEnd | undefined;
  stall: ErrorRecord | undefined;
  end: { readonly outcome: 'finished' | 'budget-spent' | 'stopped'; readonly reason: string } | undefined;
};

export const emptyRunState = (): RunState => ({
  spec: undefined,
  status: 'running',
  startedAt: 0,
  lastAt: 0,
  nextSeq: 0,
  capabilities: {},
  candidates: new Map(),
  facts: [],
  factSteps: new Set(),
  refused: new Set(),
  generated: new Map(),
  spending: noSpending,
  cachedAnswers: 0,
  runningMs: 0,
  runningSince: 0,
  searchEnd: undefined,
  stall: undefined,
  end: undefined,
});

export const jobKey = (step: number, job: number): string => `${step}/${job}`;

/** The one place where a fact changes a run. Live and replayed entries go through here alike. */
export function apply(state: RunState, { seq, at, event }: JournalEntry): void {
  const before = state.lastAt;
  state.nextSeq = seq + 1;
  state.lastAt = at;
  switch (event.type) {
    case 'run-started':
      state.spec = event.spec;
      state.startedAt = at;
      state.runningSince = at;
      for (const prompt of event.spec.prompts)
        addCandidate(state, { id: candidateId(prompt), prompt, origin: { type: 'start' } }, 0);
      return;
    case 'model-probed':
      state.capabilities[event.role] = event.capabilities;
      state.spending = { ...state.spending, probeCalls: state.spending.probeCalls + event.calls };
      return;
    case 'search':
      state.facts.push({ step: event.step, fact: event.fact });
      state.factSteps.add(event.step);
      if (event.fact.type === 'candidate-proposed') addCandidate(state, event.fact.candidate, event.fact.round);
      return;
    case 'calls-failed': {
      const field = event.role === 'evaluation' ? 'evaluationCalls' : 'generatorCalls';
      state.spending = { ...state.spending, [field]: state.spending[field] + event.calls };
      return;
    }
    case 'request-refused':
      state.refused.add(event.step);
      return;
    case 'example-evaluated':
      applyResult(state, event);
      return;
    case 'text-generated':
      state.generated.set(jobKey(event.step, event.job), event);
      state.spending = {
        ...state.spending,
        generatorCalls: state.spending.generatorCalls + event.attempts,
        generator: event.attempts > 0 ? addUsage(state.spending.generator, event.usage) : state.spending.generator,
      };
      if (event.attempts === 0) state.cachedAnswers += 1;
      return;
    case 'search-ended': {
      const { type: _, ...end } = event;
      state.searchEnd = end;
      return;
    }
    case 'run-paused':
      stopClock(state, at);
      state.status = 'paused';
      return;
    case 'run-resumed':
      // after a crash the journal has no pause: what ran up to its last entry counts, the time in between does not
      stopClock(state, before);
      state.runningSince = at;
      state.status = 'running';
      state.stall = undefined;
      return;
    case 'run-stalled':
      stopClock(state, at);
      state.status = 'stalled';
      state.stall = event.error;
      return;
    case 'run-ended':
      stopClock(state, at);
      state.status = 'ended';
      state.end = { outcome: event.outcome, reason: event.reason };
      return;
    default:
      event satisfies never;
  }
}

export function foldEntries(entries: Iterable<JournalEntry>, state: RunState = emptyRunState()): RunState {
  for (const entry of entries) apply(state, entry);
  return state;
}

function addCandidate(state: RunState, candidate: Candidate, round: number): void {
  if (state.candidates.has(candidate.id)) return;
  state.candidates.set(candidate.id, {
    candidate,
    round,
    order: state.candidates.size,
    results: { train: new Map(), validation: new Map(), test: new Map() },
    callsAfter: 0,
  });
}

function applyResult(state: RunState, event: Extract<RunEvent, { type: 'example-evaluated' }>): void {
  const { result } = event;
  state.spending = {
    ...state.spending,
    evaluationCalls: state.spending.evaluationCalls + result.attempts,
    evaluation:
      result.type === 'answered' && result.attempts > 0
        ? addUsage(state.spending.evaluation, result.usage)
        : state.spending.evaluation,
  };
  if (result.attempts === 0) state.cachedAnswers += 1;
  const record = state.candidates.get(event.candidate);
  if (!record) return; // a journal of a newer version may know candidates that this one does not
  record.results[event.split].set(event.example, result);
  if (event.split === 'train') record.callsAfter = state.spending.evaluationCalls + state.spending.generatorCalls;
}

function stopClock(state: RunState, at: number): void {
  if (state.status === 'running') state.runningMs += Math.max(0, at - state.runningSince);
}
