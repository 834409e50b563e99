import { noSpending, type Spending } from '#core/budget.ts';
import type { Capabilities } from '#core/completion.ts';
import type { ErrorRecord } from '#core/error.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { CallKey, CandidateId, ExampleId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Leader } from '#core/report.ts';
import {
  callsPerCell,
  searchCalls,
  type JournalEntry,
  type ModelRole,
  type PersonInput,
  type RunEvent,
  type RunSpec,
  type RunStatus,
} from '#core/run.ts';
import { addCandidate, addStartingPrompts, applyResult, beginAnew, rank } from './fold/candidates.ts';
import { failedCells, reopenFailed } from './fold/failures.ts';
import { hear, takeAsConsent } from './fold/person.ts';
import { withAnswered, withFailed, withProbed } from './fold/spending.ts';

type Generated = Extract<RunEvent, { type: 'text-generated' }>;
type SearchEnd = Omit<Extract<RunEvent, { type: 'search-ended' }>, 'type'>;

export type CandidateState = {
  readonly candidate: Candidate;
  /** 0 for the starting prompts. */
  readonly round: number;
  /** Place in the order of proposal, from 0. */
  readonly order: number;
  /** A map is replaced when results are taken out of it. Otherwise it only grows, but for failed cells that are answered in their place. */
  readonly results: Record<Split, Map<ExampleId, ExampleResult>>;
  readonly failed: Record<Split, number>;
  /** Cells that had failed and were opened again, until they are answered. */
  reopened: readonly { readonly split: Split; readonly example: ExampleId }[];
  /**
   * Calls of the whole run when the last result of this prompt on the train rows came in: its place on the calls axis. It stays there once
   * the search has ranked the prompt, since a race asks on and on about those that it keeps.
   */
  callsAfter: number;
  ranked: boolean;
};

/** What the search hears when it asks: what was said since, and whether the round must not begin. */
type Heard = {
  readonly inputs: readonly PersonInput[];
  /** Calls of the search under the budget of that moment. */
  readonly calls: number;
  readonly stop?: { readonly reason: string; readonly ended: 'finished' | 'budget-spent' };
};

/** A run as its journal tells it. Changed by `apply` and by nothing else. */
export type RunState = {
  spec: RunSpec | undefined;
  /** Calls of the search under the budget that the run was started with. */
  callsAtStart: number;
  status: RunStatus;
  startedAt: number;
  /** Time of the newest entry, for reading. */
  lastAt: number;
  /** Time of the newest entry that a driver wrote: a person can say something about a run that nobody drives. */
  drivenAt: number;
  nextSeq: number;
  readonly capabilities: Partial<Record<ModelRole, Capabilities>>;
  readonly candidates: Map<CandidateId, CandidateState>;
  readonly facts: { readonly step: number; readonly fact: SearchFact }[];
  readonly factSteps: Set<number>;
  readonly leaders: Leader[];
  readonly refused: Set<number>;
  /** The limit of time that had been reached when a request of the search was refused. */
  minutesUp: number | undefined;
  readonly generated: Map<string, Generated>;
  spending: Spending;
  /** Answers that came from the answer cache and cost nothing. */
  cachedAnswers: number;
  /** Time spent running, without pauses, up to the newest entry. */
  runningMs: number;
  runningSince: number;
  searchEnd: SearchEnd | undefined;
  /** Said by the person, not heard by the search yet. */
  pending: readonly PersonInput[];
  readonly heard: Map<number, Heard>;
  /** Failed cells that the search was told of: they stay failed until the run has ended. */
  readonly toldFailures: Set<string>;
  /** How often each request was cut off without anybody knowing what became of it. */
  readonly lost: Map<CallKey, number>;
  /** Which model the newest failure came from. */
  lastFailed: ModelRole;
  /** Unreadable answers were looked at: the run does not ask again. */
  answersAccepted: boolean;
  /** Share of failed rows at which the run stopped and a person let it go on; 0: it never did. */
  failuresAccepted: number;
  stall: ErrorRecord | undefined;
  end: { readonly outcome: 'finished' | 'budget-spent' | 'stopped'; readonly reason: string } | undefined;
};

export const emptyRunState = (): RunState => ({
  spec: undefined,
  callsAtStart: 0,
  status: 'running',
  startedAt: 0,
  lastAt: 0,
  drivenAt: 0,
  nextSeq: 0,
  capabilities: {},
  candidates: new Map(),
  facts: [],
  factSteps: new Set(),
  leaders: [],
  refused: new Set(),
  minutesUp: undefined,
  generated: new Map(),
  spending: noSpending,
  cachedAnswers: 0,
  runningMs: 0,
  runningSince: 0,
  searchEnd: undefined,
  pending: [],
  heard: new Map(),
  toldFailures: new Set(),
  lost: new Map(),
  lastFailed: 'evaluation',
  answersAccepted: false,
  failuresAccepted: 0,
  stall: undefined,
  end: undefined,
});

/** What the run was started with. To be asked for only by whoever drives it. */
export function specOf({ spec }: RunState): NonNullable<RunState['spec']> {
  if (!spec) throw new Error('Bug: driven before it was started');
  return spec;
}

export const jobKey = (step: number, job: number): string => `${step}/${job}`;

const byPerson: ReadonlySet<RunEvent['type']> = new Set([
  'input-given',
  'budget-changed',
  'run-renamed',
  'failed-reopened',
  'answers-accepted',
]);

/** The one place where a fact changes a run. Live and replayed entries go through here alike. */
export function apply(state: RunState, { seq, at, event }: JournalEntry): void {
  const before = state.drivenAt;
  state.nextSeq = seq + 1;
  state.lastAt = at;
  if (!byPerson.has(event.type)) state.drivenAt = at;
  switch (event.type) {
    case 'run-started':
      state.spec = event.spec;
      state.callsAtStart = searchCalls(event.spec);
      state.startedAt = at;
      state.runningSince = at;
      addStartingPrompts(state, event.spec);
      return;
    case 'model-probed':
      // the first time only: what is found out later must not change a search that has begun
      if (event.role === 'evaluation' && !state.capabilities.evaluation && state.spec)
        state.callsAtStart = searchCalls(state.spec, callsPerCell(state.spec.task, event.capabilities));
      state.capabilities[event.role] = event.capabilities;
      state.spending = withProbed(state.spending, event.role, event.calls, event.usage);
      return;
    case 'search':
      state.facts.push({ step: event.step, fact: event.fact });
      state.factSteps.add(event.step);
      if (event.fact.type === 'candidate-proposed') addCandidate(state, event.fact.candidate, event.fact.round);
      if (event.fact.type === 'archive-changed') rank(state, event.fact);
      return;
    case 'calls-failed':
      state.spending = withFailed(state.spending, event.role, event.calls);
      return;
    case 'call-failed':
      state.lastFailed = event.role;
      state.spending = withFailed(
        state.spending,
        event.role,
        1,
        event.charged === 'maybe' ? event.reserved : undefined,
      );
      return;
    case 'answers-kept':
      state.spending = (event.probe ? withProbed : withAnswered)(state.spending, event.role, event.calls, event.usage);
      return;
    case 'calls-lost':
      for (const { role, call, reserved } of event.attempts) {
        state.spending = withFailed(state.spending, role, 1, reserved);
        state.lost.set(call, (state.lost.get(call) ?? 0) + 1);
      }
      return;
    case 'input-given':
      state.pending = [...state.pending, event.input];
      return;
    case 'inputs-heard':
      hear(state, event.step, event.round);
      return;
    case 'failures-told':
      for (const key of failedCells(state)) state.toldFailures.add(key);
      return;
    case 'failed-reopened':
      reopenFailed(state);
      return;
    case 'budget-changed':
      if (state.spec) state.spec = { ...state.spec, budget: event.budget };
      return;
    case 'run-renamed':
      if (state.spec) state.spec = { ...state.spec, name: event.name };
      return;
    case 'answers-accepted':
      state.answersAccepted = true;
      if (event.reading && state.spec) {
        state.spec = { ...state.spec, task: { ...state.spec.task, reading: event.reading } };
        beginAnew(state, state.spec);
      }
      return;
    case 'request-refused':
      state.refused.add(event.step);
      state.minutesUp ??= event.minutes;
      return;
    case 'example-evaluated':
      applyResult(state, event);
      return;
    case 'text-generated':
      state.generated.set(jobKey(event.step, event.job), event);
      state.spending = withAnswered(state.spending, 'generator', event.attempts, event.usage);
      // a text that never came was not there before either
      if (event.attempts === 0 && event.call !== undefined) state.cachedAnswers += 1;
      return;
    case 'search-ended': {
      const { type: _, ...end } = event;
      state.searchEnd = end;
      return;
    }
    case 'run-paused':
      if (state.status === 'ended') return; // said at the very moment when it ended
      stopClock(state, at);
      state.status = 'paused';
      return;
    case 'run-resumed':
      if (state.status === 'ended') return;
      // after a crash the journal has no pause: what ran up to its last entry counts, the time in between does not
      stopClock(state, before);
      state.runningSince = at;
      state.status = 'running';
      takeAsConsent(state);
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

function stopClock(state: RunState, at: number): void {
  if (state.status === 'running') state.runningMs += Math.max(0, at - state.runningSince);
}
