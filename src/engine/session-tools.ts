import type { Clock } from '#lib/clock.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { DatasetId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { callsPerCell, type JournalEntry, type RunSpec } from '#core/run.ts';
import type { Metric } from '#core/score.ts';
import { RetryBudget } from './calls/policy.ts';
import type { Traffic } from './calls/traffic.ts';
import type { Committer } from './committer.ts';
import type { DriverTools } from './driver.ts';
import type { Gate } from './gate.ts';
import { Ledger } from './ledger.ts';
import { connectModel, type Connect } from './models.ts';
import { specOf, type RunState } from './run-state.ts';
import type { AnswerCache, RunJournal } from './seams.ts';
import { unboundedModels } from './unbounded.ts';
import type { ProposeReading } from './unreadable.ts';

/** What a session is given by whoever composes the app: the engine knows no plug-in by name. */
export type SessionTools = {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  readonly clock?: Clock;
  /** Limits and calls under way, shared by all runs of this worker. */
  readonly traffic: Traffic;
  readonly proposeReading: ProposeReading;
  dataset(id: DatasetId): Promise<Dataset | undefined>;
  optimizer(id: string): Optimizer | undefined;
  metric(id: string): Metric | undefined;
  readonly connect: Connect;
  /** Called with entries that are on disk and part of the state. */
  seen?(entries: readonly JournalEntry[]): void;
  /** Called when the run cannot write any more, and with undefined when it can again. It holds its answers and sends nothing. */
  blocked?(error: AppError | undefined): void;
};

/** What a session has of its own, for its driver. */
type OfSession = {
  readonly state: RunState;
  readonly committer: Committer;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Time under way, in milliseconds. */
  readonly runningMs: () => number;
  /** Another number each time. */
  readonly nextAttempt: () => number;
};

/**
 * What drives a run: both models, ready to be asked, the rows, the metrics and the budget.
 * @throws AppError `run-invalid` without the data set, `answers-unbounded` where the budget would not hold.
 */
export async function driverTools(
  spec: RunSpec,
  tools: SessionTools,
  { state, committer, gate, clock, runningMs, nextAttempt }: OfSession,
  signal: AbortSignal,
): Promise<DriverTools> {
  const dataset = await tools.dataset(spec.dataset.id);
  if (!dataset)
    throw new AppError('run-invalid', {
      problems: [`The data set “${spec.dataset.name}” is not there any more.`],
      deed: 'rows',
    });
  const ledger = new Ledger(state, runningMs);
  const epoch = state.nextSeq;
  const { traffic, answers: cache, connect } = tools;
  const shared = {
    ...{ spec, dataset, traffic, cache, ledger, connect, gate, clock, committer, state },
    retries: new RetryBudget(),
    // the place in the journal at which this driver began tells its requests from those of others
    nextAttempt: () => `${epoch}.${nextAttempt()}`,
  };
  const evaluation = await connectModel('evaluation', shared, signal);
  const generator = await connectModel('generator', shared, signal);
  const models = unboundedModels(specOf(state).budget, spec.models, state.capabilities);
  if (models.length > 0) throw new AppError('answers-unbounded', { models });
  const capabilities = state.capabilities.evaluation ?? { topLogprobs: 0, rejected: [] };
  ledger.reserve = 2 * spec.split.test.length * callsPerCell(spec.task, capabilities);
  return {
    state,
    committer,
    examples: new Map(dataset.examples.map((example) => [example.id, example])),
    judges: {
      rightOrWrong: tools.metric(spec.task.metric) as Metric,
      crossEntropy: tools.metric('cross-entropy') as Metric,
    },
    evaluation: { ...evaluation, capabilities },
    generator,
    proposeReading: tools.proposeReading,
    promises: { kept: 0, broken: 0 },
  };
}
