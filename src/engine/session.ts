import { systemClock, type Clock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import { AppError, isAppError, toErrorRecord } from '#core/error.ts';
import type { Dataset, Example } from '#core/example.ts';
import { checkValues } from '#core/fields.ts';
import { candidateId, type CandidateId, type DatasetId, type ExampleId, type RunId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import type { JournalEntry, ModelRole, RunSpec } from '#core/run.ts';
import type { Metric } from '#core/score.ts';
import type { CallTools } from './calls/asked.ts';
import { Committer } from './committer.ts';
import { drive, evaluateCells, openCells, type DriverTools } from './driver.ts';
import { callsPerCell } from './evaluate.ts';
import { Gate } from './gate.ts';
import { Ledger } from './ledger.ts';
import { emptyRunState, foldEntries, type RunState } from './run-state.ts';
import type { AnswerCache, RunJournal } from './seams.ts';

/** What a session is given by whoever composes the app: the engine knows no plug-in by name. */
export type SessionTools = {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  readonly clock?: Clock;
  dataset(id: DatasetId): Promise<Dataset | undefined>;
  optimizer(id: string): Optimizer | undefined;
  metric(id: string): Metric | undefined;
  /** Secrets are added here and never pass through the spec. `known`: what this model accepts, when the journal says so. */
  connect(
    spec: RunSpec,
    role: ModelRole,
    dataset: Dataset,
    known: RunState['capabilities'][ModelRole],
  ): Promise<ModelClient>;
  /** Called with entries that are on disk and part of the state. */
  seen?(entries: readonly JournalEntry[]): void;
};

/**
 * One run, from its journal to its end. `begin` writes the first entry of a new run; `drive` goes on from wherever the journal ends
 * and returns when the run has ended, waits for a person, or was stopped.
 */
export class RunSession {
  readonly id: RunId;
  readonly state: RunState = emptyRunState();
  readonly #tools: SessionTools;
  readonly #clock: Clock;
  readonly #gate = new Gate();
  readonly #stop = new AbortController();
  readonly #committer: Committer;
  #stopRequested = false;

  constructor(id: RunId, tools: SessionTools) {
    this.id = id;
    this.#tools = tools;
    this.#clock = tools.clock ?? systemClock;
    this.#committer = new Committer(id, this.state, tools.journal, this.#clock, (entries) => tools.seen?.(entries));
  }

  /** @throws AppError `run-invalid` with every problem of the spec; nothing is written then. */
  async begin(spec: RunSpec): Promise<void> {
    const dataset = await this.#tools.dataset(spec.dataset.id);
    const problems = dataset
      ? specProblems(spec, this.#tools)
      : [`The data set “${spec.dataset.name}” is not there any more.`];
    if (problems.length > 0) throw new AppError('run-invalid', { problems });
    await this.#committer.commit({ type: 'run-started', version: 1, spec });
  }

  /** Reads what the journal holds, without driving. */
  async load(): Promise<void> {
    foldEntries(await this.#tools.journal.read(this.id, this.state.nextSeq), this.state);
  }

  /** Nothing new starts; what is under way is finished and kept. */
  async pause(): Promise<void> {
    if (!this.#gate.isOpen || this.state.status !== 'running') return;
    this.#gate.close();
    await this.#committer.commit({ type: 'run-paused' });
  }

  async resume(): Promise<void> {
    if (this.state.status === 'ended' || this.#gate.isOpen) return;
    await this.#committer.commit({ type: 'run-resumed' });
    this.#gate.open();
  }

  /** Ends the run where it stands. The best prompt so far stays; the sealed rows stay sealed. */
  stop(): void {
    this.#stopRequested = true;
    this.#stop.abort();
  }

  /** Leaves without ending the run, as a closed tab does: the journal can be taken up again. */
  leave(): void {
    this.#stop.abort();
  }

  /** Drives the run to its end. A broken system stalls the run (journaled, to be taken up again); a bug is thrown. */
  async drive(): Promise<void> {
    await this.load();
    if (!this.state.spec) throw new AppError('run-missing', { run: this.id });
    if (this.state.status === 'ended') return;
    if (this.state.nextSeq > 1) await this.#committer.commit({ type: 'run-resumed' });
    try {
      await this.#search(this.state.spec);
    } catch (error) {
      if (this.#stop.signal.aborted) {
        if (this.#stopRequested)
          await this.#committer.commit({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
        return;
      }
      if (!isAppError(error) || isJournalBroken(error)) throw error;
      await this.#committer.commit({ type: 'run-stalled', error: toErrorRecord(error) });
    }
  }

  async #search(spec: RunSpec): Promise<void> {
    const { signal } = this.#stop;
    const dataset = await this.#tools.dataset(spec.dataset.id);
    if (!dataset)
      throw new AppError('run-invalid', { problems: [`The data set “${spec.dataset.name}” is not there any more.`] });
    const problems = specProblems(spec, this.#tools);
    if (problems.length > 0) throw new AppError('run-invalid', { problems });
    const tools = await this.#driverTools(spec, dataset);
    const optimizer = this.#tools.optimizer(spec.optimizer.id) as Optimizer;
    const rows = (ids: readonly ExampleId[]): readonly Example[] => ids.flatMap((id) => tools.examples.get(id) ?? []);
    if (!this.state.searchEnd) {
      const context = {
        task: spec.task,
        train: rows(spec.split.train),
        validation: rows(spec.split.validation),
        random: createRandom(spec.seed).fork(spec.optimizer.id),
        seeds: seedIds(spec).flatMap((id) => this.state.candidates.get(id)?.candidate ?? []),
      };
      const outcome = await drive(
        optimizer.run(context, checkValues(optimizer.fields, spec.optimizer.values).values),
        tools,
        signal,
      );
      await this.#committer.commit({ type: 'search-ended', ...outcome });
    }
    await this.#unseal(spec, tools, signal);
  }

  /** Opens the sealed rows, once: the best prompt and the best starting prompt on the same rows. */
  async #unseal(spec: RunSpec, tools: DriverTools, signal: AbortSignal): Promise<void> {
    const end = this.state.searchEnd;
    if (!end) throw new Error('Bug: unsealed before the search had ended');
    tools.evaluation.ledger.reserve = 0;
    const candidates = [...new Set([end.baseline, end.best])].flatMap(
      (id) => this.state.candidates.get(id)?.candidate ?? [],
    );
    const cells = openCells(candidates, spec.split.test, 'test', this.state);
    const { ended, reason } = end;
    try {
      await evaluateCells(cells, 'test', tools, signal);
    } catch (error) {
      // the calls were set aside, but retries had eaten them: what was answered counts, and the reason says so
      if (!isAppError(error) || error.code !== 'budget-spent') throw error;
      const short = `${reason} Retries used up the calls for some of the test rows.`;
      await this.#committer.commit({ type: 'run-ended', outcome: 'budget-spent', reason: short });
      return;
    }
    await this.#committer.commit({ type: 'run-ended', outcome: ended, reason });
  }

  async #driverTools(spec: RunSpec, dataset: Dataset): Promise<DriverTools> {
    const ledger = new Ledger(this.state);
    const evaluation = await this.#client(spec, 'evaluation', dataset);
    const generator = await this.#client(spec, 'generator', dataset);
    const calls = (client: ModelClient): CallTools => ({
      client,
      cache: this.#tools.answers,
      ledger,
      gate: this.#gate,
      clock: this.#clock,
    });
    const capabilities = this.state.capabilities.evaluation ?? { topLogprobs: 0, rejected: [] };
    ledger.reserve = 2 * spec.split.test.length * callsPerCell(spec.task, capabilities);
    return {
      spec,
      state: this.state,
      committer: this.#committer,
      examples: new Map(dataset.examples.map((example) => [example.id, example])),
      judges: {
        rightOrWrong: this.#tools.metric(spec.task.metric) as Metric,
        crossEntropy: this.#tools.metric('cross-entropy') as Metric,
      },
      evaluation: { ...calls(evaluation), capabilities },
      generator: calls(generator),
    };
  }

  /** A client that knows what its model accepts: from the journal, else by asking it once. */
  async #client(spec: RunSpec, role: ModelRole, dataset: Dataset): Promise<ModelClient> {
    const known = this.state.capabilities[role];
    const client = await this.#tools.connect(spec, role, dataset, known);
    if (!known) {
      const same = role === 'generator' && sameModel(spec) ? this.state.capabilities.evaluation : undefined;
      const found = same ? { capabilities: same, calls: 0 } : await client.probe(this.#stop.signal);
      await this.#committer.commit({ type: 'model-probed', role, ...found });
      if (same) return this.#tools.connect(spec, role, dataset, same);
    }
    return client;
  }
}

/** Where the journal itself cannot be written, the stall cannot be written either: the run is left as it is. */
const isJournalBroken = ({ code }: AppError): boolean =>
  code.startsWith('storage-') || code === 'run-busy' || code === 'run-missing';

const seedIds = (spec: RunSpec): readonly CandidateId[] => [...new Set(spec.prompts.map(candidateId))];

const sameModel = ({ models }: RunSpec): boolean =>
  models.evaluation.provider === models.generator.provider &&
  JSON.stringify(models.evaluation.values) === JSON.stringify(models.generator.values);

/** Everything that would keep this run from working, each as a sentence with the way out. */
function specProblems(spec: RunSpec, tools: Pick<SessionTools, 'optimizer' | 'metric'>): readonly string[] {
  const optimizer = tools.optimizer(spec.optimizer.id);
  if (!optimizer) return [`The optimizer “${spec.optimizer.id}” is not part of this version.`];
  const { values, problems } = checkValues(optimizer.fields, spec.optimizer.values);
  const plan = optimizer.plan(
    values,
    { train: spec.split.train.length, validation: spec.split.validation.length, seeds: seedIds(spec).length },
    spec.budget.calls - 2 * spec.split.test.length,
  );
  return [
    ...problems,
    ...(optimizer.version === spec.optimizer.version
      ? []
      : [
          `This run was made with version ${spec.optimizer.version} of “${optimizer.label}”; this is version ${optimizer.version}. It can be looked at, not continued.`,
        ]),
    ...(tools.metric(spec.task.metric) ? [] : [`The metric “${spec.task.metric}” is not part of this version.`]),
    ...(spec.prompts.every((prompt) => prompt.trim() === '') ? ['No starting prompt: write at least one.'] : []),
    ...(spec.split.train.length === 0 ? ['No rows to train on: give the train part at least one row.'] : []),
    ...plan.problems,
  ];
}
