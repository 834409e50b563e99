import type { Message } from './completion.ts';
import type { ExampleResult } from './evaluation.ts';
import type { Example } from './example.ts';
import type { Fields, Values } from './fields.ts';
import type { CandidateId, ExampleId } from './id.ts';
import type { Candidate } from './prompt.ts';
import type { TaskSpec } from './task.ts';
import type { Random } from '#lib/random.ts';

/**
 * The kernel: an optimizer is a pure synchronous generator. It yields requests and is handed the answers; it never awaits and never
 * touches network, clock or ambient chance. The engine is its only driver. Resume is replay: it runs again from the start and is
 * answered from the journal until the journal ends. Adding a kind of request = adding a row here.
 */
export type Requests = {
  /** Asks the evaluation model about each candidate × example. Cells that are known already cost nothing. */
  evaluate: {
    readonly ask: {
      readonly candidates: readonly Candidate[];
      readonly examples: readonly ExampleId[];
      /** Which of the two open splits the examples belong to, for the books. */
      readonly split: 'train' | 'validation';
      /** Cells that the budget must still hold afterwards, for what the optimizer has to do at its end: the request is refused otherwise. */
      readonly keep: number;
      /** Calls were kept for it all along, as the end of the search: a limit of minutes does not refuse it. */
      readonly reserved?: true;
    };
    readonly tell: {
      /** `exhausted`: the budget does not hold it, and nothing of it was sent. */
      readonly status: 'done' | 'exhausted';
      /** Answered and failed cells; a failed one is missing, not wrong. A row that a candidate shows as a demonstration is never asked. */
      readonly result: (candidate: CandidateId, example: ExampleId) => ExampleResult | undefined;
    };
  };
  /** Asks the generator model. One job, one call. */
  generate: {
    readonly ask: {
      /** 0: before the first round. */
      readonly round: number;
      readonly purpose: TextPurpose;
      readonly jobs: readonly GenerateJob[];
      readonly keep: number;
    };
    readonly tell: {
      readonly status: 'done' | 'exhausted';
      /** Number of this request in the run: with it and the place among `outputs`, a fact names the text that it came of. */
      readonly step: number;
      /** One for each job, in order. */
      readonly outputs: readonly GeneratedText[];
    };
  };
  /** Asks what the person said since the last time. To be asked at the start of each round. */
  listen: {
    readonly ask: { readonly round: number };
    readonly tell: {
      readonly status?: never;
      /** Prompts of the person, to be evaluated like any proposal. Known ones are not told again. */
      readonly candidates: readonly Candidate[];
      /** What the generator should know. */
      readonly hints: readonly string[];
      /** What `OptimizerContext.calls` is by now: a person may have changed the budget. */
      readonly calls: number;
      /** Why this round must not begin; absent when it may. */
      readonly stop?: { readonly reason: string; readonly ended: 'finished' | 'budget-spent' };
    };
  };
  /** States a fact about the search, for the journal and the screen. Answered with nothing. */
  announce: { readonly ask: { readonly fact: SearchFact }; readonly tell: { readonly status?: never } };
};

export type GenerateJob = {
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
};
export type GeneratedText = {
  readonly text: string;
  readonly finish: 'stop' | 'length' | 'filter' | 'failed' | 'other';
};

/** What a text is asked for as. `note`: words that the search builds on, such as a critique. */
export type TextPurpose = 'prompt' | 'note';
/** A text of the generator: the request that it answers, and its place among the answers to it, from 0. */
export type TextName = { readonly step: number; readonly job: number };

/** Why a text of the generator did not become a candidate. */
export type Rejection =
  | 'empty'
  | 'cut-off'
  | 'duplicate'
  | 'near-duplicate'
  | 'copied-example'
  | 'placeholders'
  | 'too-long'
  | 'talk'
  | 'failed';

export type SearchFact =
  | {
      readonly type: 'candidate-proposed';
      readonly candidate: Candidate;
      readonly round: number;
      /** Absent where no generator wrote it, and in runs of versions before 0.2. */
      readonly from?: TextName;
    }
  | {
      readonly type: 'proposal-rejected';
      readonly round: number;
      readonly text: string;
      readonly reason: Rejection;
      readonly detail: string;
      /** Absent in runs of versions before 0.2. */
      readonly from?: TextName;
    }
  | {
      readonly type: 'round-started';
      readonly round: number;
      /** What the generator is shown, so that a round can be understood afterwards. */
      readonly good: readonly CandidateId[];
      readonly bad: readonly CandidateId[];
      readonly examples: readonly ExampleId[];
    }
  | { readonly type: 'round-finished'; readonly round: number; readonly best: CandidateId; readonly note: string }
  /**
   * Candidates were compared on the same rows. Scores, from 0 to 1, are means over the rows that each answered, or, in races against a
   * prompt that is known on more rows, its mean and the difference to it on the rows that both answered.
   */
  | {
      readonly type: 'race-rung';
      readonly round: number;
      /** From 1 within one race. */
      readonly rung: number;
      /** Shared train rows of the race so far. */
      readonly rows: number;
      /** Best first; in PACER's rounds the incumbent, whom the others race against, before them. `rows`: those that the score rests on. */
      readonly standings: readonly { readonly candidate: CandidateId; readonly score: number; readonly rows: number }[];
      /** Those that the race goes on without. */
      readonly out: readonly CandidateId[];
    }
  /** The optimizer's decision about a proposal, in a sentence for the person. */
  | {
      readonly type: 'proposal-judged';
      readonly round: number;
      readonly candidate: CandidateId;
      readonly accepted: boolean;
      readonly reason: string;
    }
  /** The prompts that are kept to build on, the best one first. */
  | { readonly type: 'archive-changed'; readonly round: number; readonly residents: readonly CandidateId[] }
  /** How often each way of writing prompts was tried so far, and how often what it wrote did better than the best one in its last comparison. */
  | {
      readonly type: 'operators-tallied';
      readonly round: number;
      readonly tallies: readonly { readonly operator: string; readonly tried: number; readonly kept: number }[];
    };

export type RequestKind = keyof Requests;
export type Ask = { [K in RequestKind]: { readonly kind: K } & Requests[K]['ask'] }[RequestKind];
export type Tell = { [K in RequestKind]: { readonly kind: K } & Requests[K]['tell'] }[RequestKind];
export type Procedure<R> = Generator<Ask, R, Tell>;

/** Yields one request and hands back its typed answer: `const { status } = yield* perform('evaluate', { … })`. */
export function* perform<K extends RequestKind>(kind: K, ask: Requests[K]['ask']): Procedure<Requests[K]['tell']> {
  const tell = yield { kind, ...ask } as unknown as Ask;
  if (tell.kind !== kind) throw new Error(`Bug: the driver answered ${tell.kind} to ${kind}`);
  return tell;
}

/** All that an optimizer can see. The sealed test rows are not in it. */
export type OptimizerContext = {
  readonly task: TaskSpec;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly random: Random;
  /**
   * Calls that the search may take when it begins, one for each cell and each text of the generator; those of the sealed rows are taken
   * off. It counts what is asked, not what is paid: answers from the cache and lost calls change nothing, so that a run that was
   * interrupted goes the same way. Less may turn out to be affordable; a request is then told `exhausted`.
   */
  readonly calls: number;
  /** The person's prompts, evaluated first: the baseline and the start of every curve. Never empty. */
  readonly seeds: readonly Candidate[];
};

export type SearchOutcome = {
  readonly best: CandidateId;
  /** The best of the starting prompts: what `best` is compared with on the sealed rows. */
  readonly baseline: CandidateId;
  /** In one sentence, for the person: why it ended. */
  readonly reason: string;
  readonly ended: 'finished' | 'budget-spent';
};

/**
 * Stands in the reason where the budget ended before the finalists were compared. It keeps its words: by them the journals of all versions
 * tell that the validation rows had no say.
 */
export const notCompared = 'The finalists were not compared: the budget was spent before.';

/** What a plan is made for, beside the options and the calls. */
export type PlanSizes = {
  readonly train: number;
  readonly validation: number;
  /** Starting prompts. */
  readonly seeds: number;
  /** A ceiling of rounds. An optimizer with an option `rounds` has it there already. */
  readonly rounds?: number;
};

/** What a run would take, said before it starts. */
export type Plan = {
  readonly evaluationCalls: number;
  readonly generatorCalls: number;
  readonly rounds: number;
  /** New prompts that are tried, however they come about: one may take several texts of the generator, or none. */
  readonly prompts: number;
  /** Where most new prompts drop out at their first comparison: what that saves goes into so many more, within the same calls in all. */
  readonly most?: Readonly<Record<'rounds' | 'prompts' | 'generatorCalls', number>>;
  /** Prompts that the sealed rows are asked about, where these are not two: the best one and the best starting prompt. */
  readonly tested?: 1;
  /** What a rejected proposal or a short race saves goes into further proposals: the calls above are spent as a rule. */
  readonly spendsAll?: boolean;
  /** Reasons why it cannot work as it stands, each with the way out. */
  readonly problems: readonly string[];
};

/** How many prompts are asked about the sealed rows at the end. */
export const testedPrompts = ({ tested }: Pick<Plan, 'tested'>): number => tested ?? 2;

export interface Optimizer<F extends Fields = Fields> {
  readonly id: string;
  /** Raised whenever the same answers would lead to other requests: an old run is then shown, not continued. */
  readonly version: number;
  readonly label: string;
  readonly description: string;
  readonly fields: F;
  plan(values: Values<F>, sizes: PlanSizes, calls: number): Plan;
  run(context: OptimizerContext, values: Values<F>): Procedure<SearchOutcome>;
}

/** Keeps the type of the fields while it stands in a registry of all optimizers. */
export const defineOptimizer = <const F extends Fields>(optimizer: Optimizer<F>): Optimizer<F> => optimizer;
