import type { Budget, Price } from './budget.ts';
import type { Capabilities, Message, Usage } from './completion.ts';
import type { ErrorCode, ErrorRecord } from './error.ts';
import type { ExampleResult } from './evaluation.ts';
import type { Dataset, Split, SplitIds } from './example.ts';
import type { FieldValue } from './fields.ts';
import type { CallKey, CandidateId, DatasetId, ExampleId, RunId } from './id.ts';
import type { Attempt } from './journal.ts';
import type { GeneratedText, SearchFact, TextPurpose } from './optimizer.ts';
import type { AnswerReading, TaskSpec } from './task.ts';

/** A plug-in and its options, without secrets. */
type Choice = { readonly id: string; readonly values: Readonly<Record<string, FieldValue>> };

export type ModelChoice = {
  /** Id of the provider. */
  readonly provider: string;
  /** Options of the provider without secrets; `model` is the name of the model. */
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly price?: Price;
};
/** A starting prompt with worked examples: its instruction, and the rows that it shows, of whatever part of the data. */
export type PromptDemos = {
  readonly prompt: string;
  readonly instruction: string;
  readonly examples: readonly ExampleId[];
};

export type ModelRole = 'evaluation' | 'generator';

/** Everything that a run was started with. Frozen, serializable, no secrets; a run never reads a live setting. */
export type RunSpec = {
  readonly id: RunId;
  readonly name: string;
  readonly seed: number;
  readonly dataset: { readonly id: DatasetId; readonly name: string };
  readonly split: SplitIds;
  readonly task: TaskSpec;
  readonly models: Readonly<Record<ModelRole, ModelChoice>>;
  readonly optimizer: Choice & { readonly version: number };
  readonly prompts: readonly string[];
  /** Those of `prompts` that the app made from the task, because the person gave none. */
  readonly madePrompts?: readonly string[];
  /** What those of `prompts` that show rows as worked examples are composed of. */
  readonly promptDemos?: readonly PromptDemos[];
  readonly budget: Budget;
  /** Calls under way at the same time. */
  readonly concurrency: number;
  /** Set where any number of the run comes from a simulated model. */
  readonly simulated: boolean;
  /** Earlier runs, each begun from the one before, that used some or all of the test rows: what they handed on is not blind to them. */
  readonly testSeen?: number;
  /** Set where they handed on nothing that they had found: it began with prompts that they had begun with. */
  readonly sameStart?: true;
  /** A small trial before the real thing: what the run in full has instead. */
  readonly trialOf?: { readonly split: SplitIds; readonly budget: Budget };
};

/** Whether earlier runs used test rows, and handed on to this one what they had found: the test is then not blind to it. */
export const isTestSeen = ({ testSeen = 0, sameStart }: Pick<RunSpec, 'testSeen' | 'sameStart'>): boolean =>
  testSeen > 0 && !sameStart;

/** How many calls one answer of a row costs at most, retries aside: more where the cross entropy is estimated by asking again. */
export const callsPerCell = (task: TaskSpec, { topLogprobs }: Pick<Capabilities, 'topLogprobs'>): number =>
  1 + (topLogprobs === 0 ? (task.estimateSamples ?? 0) : 0);

/**
 * What the budget leaves to the search, in answers of rows: the sealed rows are asked about twice at the end.
 * @param perCell calls of one answer.
 */
export const searchCalls = ({ budget, split }: Pick<RunSpec, 'budget' | 'split'>, perCell = 1): number =>
  Math.max(0, Math.floor(budget.calls / perCell) - 2 * split.test.length);

export type PersonInput =
  /** `demos`: what it is composed of, where it shows rows of the data. */
  | { readonly type: 'candidate'; readonly prompt: string; readonly demos?: Omit<PromptDemos, 'prompt'> }
  | { readonly type: 'hint'; readonly text: string }
  | { readonly type: 'stop-after-round' };

/** Facts in the past tense; nothing in them can be computed from others. `version` stands once per journal. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly version: 1; readonly spec: RunSpec }
  /** What a model accepts, with the answer that settled it. `usage` is absent in runs of versions before 0.2. */
  | {
      readonly type: 'model-probed';
      readonly role: ModelRole;
      readonly capabilities: Capabilities;
      readonly calls: number;
      readonly usage?: Usage;
    }
  | { readonly type: 'search'; readonly step: number; readonly fact: SearchFact }
  /** Requests that came to nothing, as versions before 0.2 wrote them down: in one sum. */
  | { readonly type: 'calls-failed'; readonly role: ModelRole; readonly calls: number }
  /** A request that came to nothing. `charged`: whether the provider may want money for it. */
  | {
      readonly type: 'call-failed';
      readonly role: ModelRole;
      readonly call: CallKey;
      readonly code: ErrorCode;
      readonly charged: 'no' | 'maybe';
      readonly reserved: Usage;
    }
  /**
   * Answers that are paid for and kept in the answer cache, while what they were asked for did not come to its end. `probe`: that was to
   * find out what the model accepts, and more has to be asked.
   */
  | {
      readonly type: 'answers-kept';
      readonly role: ModelRole;
      readonly calls: number;
      readonly usage: Usage;
      readonly probe?: true;
    }
  /** Requests that were under way when the page was lost: nobody knows what became of them. */
  | { readonly type: 'calls-lost'; readonly attempts: readonly Attempt[] }
  /** The budget did not hold this request of the optimizer, so it was told so. `minutes`: the limit of time that was reached by then. */
  | { readonly type: 'request-refused'; readonly step: number; readonly minutes?: number }
  | {
      readonly type: 'example-evaluated';
      readonly candidate: CandidateId;
      readonly example: ExampleId;
      readonly split: Split;
      readonly result: ExampleResult;
    }
  | {
      readonly type: 'text-generated';
      readonly step: number;
      readonly job: number;
      /** Absent, as `purpose`, in runs of versions before 0.2. */
      readonly round?: number;
      readonly purpose?: TextPurpose;
      readonly messages: readonly Message[];
      readonly output: GeneratedText;
      readonly usage: Usage;
      readonly latencyMs: number;
      readonly attempts: number;
      /** Absent when no answer came. */
      readonly call?: CallKey;
    }
  | {
      readonly type: 'search-ended';
      readonly best: CandidateId;
      readonly baseline: CandidateId;
      readonly reason: string;
      readonly ended: 'finished' | 'budget-spent';
    }
  /** What a person said while it ran; the search hears of it at its next round. */
  | { readonly type: 'input-given'; readonly input: PersonInput }
  /** The search was told of everything said so far. */
  | { readonly type: 'inputs-heard'; readonly step: number; readonly round: number }
  /** The search was told that these cells failed: from now on that stays so, or it could not be repeated. */
  | { readonly type: 'failures-told'; readonly step: number }
  /** Failed cells that the search has not heard of are asked again. */
  | { readonly type: 'failed-reopened' }
  | { readonly type: 'budget-changed'; readonly budget: Budget }
  | { readonly type: 'run-renamed'; readonly name: string }
  /** Answers that could not be read were looked at: read on with this rule, or, without one, as before. */
  | { readonly type: 'answers-accepted'; readonly reading?: AnswerReading }
  | { readonly type: 'run-paused' }
  | { readonly type: 'run-resumed' }
  /** Something that only a person can mend: the run waits. */
  | { readonly type: 'run-stalled'; readonly error: ErrorRecord }
  | { readonly type: 'run-ended'; readonly outcome: 'finished' | 'budget-spent' | 'stopped'; readonly reason: string };

/** An event in its place. Sequence and time are for reading and for charts; no decision looks at the time. */
export type JournalEntry = { readonly seq: number; readonly at: number; readonly event: RunEvent };

export type RunStatus = 'running' | 'paused' | 'stalled' | 'ended';

/** What a list of runs shows without opening the journals. */
export type RunHead = {
  readonly id: RunId;
  readonly name: string;
  readonly dataset: DatasetId;
  readonly startedAt: number;
  readonly simulated: boolean;
};

/** A whole run in one file: what "Open a recorded run" opens and "Export the whole run" writes. */
export type RunBundle = {
  readonly format: 'automated-prompt-generator/run';
  readonly version: 1;
  readonly dataset: Dataset;
  readonly entries: readonly JournalEntry[];
};
