import type { Spending } from './budget.ts';
import type { ErrorRecord } from './error.ts';
import type { ExampleResult, Summary } from './evaluation.ts';
import type { Split } from './example.ts';
import type { CandidateId, ExampleId } from './id.ts';
import type { SearchFact, TextName, TextPurpose } from './optimizer.ts';
import type { Candidate } from './prompt.ts';
import type { RunSpec, RunStatus } from './run.ts';
import { pairedDifference, type Difference, type PairedCounts } from './statistics/paired.ts';

/** A run as its readers see it: screens, exports, the command line. Rebuilt from the journal at any time. */
export type RunReport = {
  readonly spec: RunSpec;
  readonly status: RunStatus;
  /** Starting prompts first, then in the order of proposal. */
  readonly candidates: readonly CandidateReport[];
  /**
   * The best so far: by the search once it has ended; before that the first of those that it keeps to build on, where it says which;
   * else by accuracy and cross entropy on the train rows.
   */
  readonly best: CandidateId | undefined;
  readonly baseline: CandidateId | undefined;
  /**
   * Best against baseline on the sealed rows; absent until they are opened, or when both are the same prompt. Until (nearly)
   * all of them are answered the verdict is one that holds however often one looks (core/compare-sealed.ts).
   */
  readonly comparison: Difference | undefined;
  /**
   * The search has ended with its finalists compared on the validation rows: only then had these a say in the choice. A run may be stopped
   * among them, or its budget end there.
   */
  readonly finalistsCompared: boolean;
  readonly facts: readonly SearchFact[];
  /** Who led the search, from when on; empty where it does not say which prompts it keeps. */
  readonly leaders: readonly Leader[];
  readonly generations: readonly GenerationReport[];
  readonly spending: Spending;
  /** What one answer of a row costs at most, as far as is known what the evaluation model accepts. */
  readonly callsPerAnswer: number;
  readonly cachedAnswers: number;
  /** Rows, over all prompts, that had failed, are to be asked again, and have no answer yet. */
  readonly reopened: number;
  readonly costUsd: number | undefined;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly runningMs: number;
  readonly end: { readonly outcome: 'finished' | 'budget-spent' | 'stopped'; readonly reason: string } | undefined;
  readonly stall: ErrorRecord | undefined;
};

/** The first of the prompts that a search keeps to build on, from one round and one number of calls of the whole run on. */
export type Leader = { readonly id: CandidateId; readonly round: number; readonly calls: number };

export type CandidateReport = {
  readonly candidate: Candidate;
  readonly round: number;
  readonly order: number;
  /** Calls of the whole run when its train rows were done; in a race, which asks on about those it keeps, when it was first ranked. */
  readonly callsAfter: number;
  readonly summaries: Readonly<Record<Split, Summary>>;
  readonly results: Readonly<Record<Split, ReadonlyMap<ExampleId, ExampleResult>>>;
};

/** The name of a prompt wherever a person reads it: all are numbered in the order in which they came. */
export const promptName = ({ candidate, order }: Pick<CandidateReport, 'candidate' | 'order'>): string =>
  `${candidate.origin.type === 'start' ? 'Start' : 'Prompt'} ${order + 1}`;

/** Train rows that are done with: asked about, or shown by the prompt itself and so never asked about. */
export const rowsDone = ({ candidate, summaries: { train } }: CandidateReport): number =>
  train.asked + (candidate.demos?.examples.length ?? 0);

/** What the generator was told and what it answered, once for each call. */
export type GenerationReport = TextName & {
  readonly round: number;
  readonly purpose: TextPurpose;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly text: string;
  readonly latencyMs: number;
};

/** Which of two prompts was right where the other was not, over the rows that both answered. */
export function countPairs(
  a: ReadonlyMap<ExampleId, ExampleResult>,
  b: ReadonlyMap<ExampleId, ExampleResult>,
): PairedCounts {
  const counts = { wins: 0, losses: 0, n: 0 };
  for (const [example, result] of a) {
    const other = b.get(example);
    if (result.type === 'failed' || !other || other.type === 'failed') continue;
    const [mine, theirs] = [result.outcome === 'right', other.outcome === 'right'];
    counts.n += 1;
    if (mine && !theirs) counts.wins += 1;
    if (theirs && !mine) counts.losses += 1;
  }
  return counts;
}

/** Accuracy of the first minus that of the second, over the rows that both prompts answered. */
export const compareOn = (
  a: ReadonlyMap<ExampleId, ExampleResult>,
  b: ReadonlyMap<ExampleId, ExampleResult>,
): Difference | undefined => pairedDifference(countPairs(a, b));
