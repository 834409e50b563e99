import { anySignal } from '#lib/abort.ts';
import { forEachConcurrent } from '#lib/concurrent.ts';
import type { Capabilities, CompletionRequest } from '#core/completion.ts';
import { AppError, isAppError } from '#core/error.ts';
import type { Example, Split } from '#core/example.ts';
import { candidateId, type ExampleId } from '#core/id.ts';
import type { Ask, GenerateJob, Procedure, Requests, SearchOutcome, Tell, TextName } from '#core/optimizer.ts';
import { isShownBy, type Candidate } from '#core/prompt.ts';
import { callsPerCell, type ModelRole } from '#core/run.ts';
import { Bill } from './bill.ts';
import { ask, type CallTools } from './calls/asked.ts';
import { Slots } from './calls/slots.ts';
import type { Committer } from './committer.ts';
import { evaluateExample, evaluationRequest, isRowFailure, type Judges } from './evaluate.ts';
import { hasUntoldFailures } from './fold/failures.ts';
import { jobKey, type RunState } from './run-state.ts';
import { checkReadable, type ProposeReading } from './unreadable.ts';

export type DriverTools = {
  readonly state: RunState;
  readonly committer: Committer;
  readonly examples: ReadonlyMap<ExampleId, Example>;
  readonly judges: Judges;
  readonly evaluation: CallTools & { readonly capabilities: Capabilities };
  readonly generator: CallTools;
  readonly proposeReading: ProposeReading;
  /** Answers of this driver with and without the log-probabilities that the model promised. */
  readonly promises: { kept: number; broken: number };
};

/** Answers that may wait for the disk while the next requests are sent already. */
const mostUnwritten = 64;
/**
 * From so many requests at a time on, results wait a moment for each other: writing each at once would hold up the requests. A kill
 * costs what is under way anyway, and then the few that came in that moment.
 */
const manyAtOnce = 16;
/**
 * So many further requests are made ready while they wait for a place: about as many as come to their end in the time of a write. They
 * are written down by then, so a kill counts them among those that may have been charged.
 */
const madeReady = 16;
/** So many answers without the log-probabilities that the model promised, and none with them, are no accident. */
const mostBroken = 3;

/** Rows of one prompt that may fail before the run stops and asks, and from how many rows on the share counts. */
const failingShare = 0.2;
const failingFrom = 10;

/**
 * The only driver of an optimizer. It hands each request on, commits what comes of it, and tells the optimizer. What the journal
 * knows already is answered from there, so start, resume and crash recovery are one and the same.
 */
export async function drive(
  procedure: Procedure<SearchOutcome>,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<SearchOutcome> {
  let turn = procedure.next();
  for (let step = 0; !turn.done; step++) turn = procedure.next(await answer(turn.value, step, tools, signal));
  return turn.value;
}

async function answer(request: Ask, step: number, tools: DriverTools, signal: AbortSignal): Promise<Tell> {
  switch (request.kind) {
    case 'announce':
      if (!tools.state.factSteps.has(step))
        await tools.committer.commit({ events: [{ type: 'search', step, fact: request.fact }] });
      return { kind: 'announce' };
    case 'listen':
      return { kind: 'listen', ...(await listen(request, step, tools)) };
    case 'evaluate':
      return { kind: 'evaluate', ...(await evaluate(request, step, tools, signal)) };
    case 'generate':
      return { kind: 'generate', ...(await generate(request, step, tools, signal)) };
  }
}

/**
 * Does the work if the budget holds it, with `keep` left over. What is refused is refused before anything is sent, unless retries eat
 * up the rest on the way. Refusing is journaled, so that a replay hears the same.
 */
async function within(
  step: number,
  calls: number,
  keep: number,
  tools: DriverTools,
  work: () => Promise<void>,
): Promise<'done' | 'exhausted'> {
  const { state, evaluation, committer } = tools;
  if (state.refused.has(step)) return 'exhausted';
  if (calls === 0) return 'done';
  if (evaluation.ledger.holds(calls, keep)) {
    try {
      await work();
      return 'done';
    } catch (error) {
      const cause = causeOf(error, tools);
      if (!isAppError(cause) || cause.code !== 'budget-spent') throw cause;
    }
  }
  await committer.commit({ events: [{ type: 'request-refused', step }] });
  return 'exhausted';
}

/**
 * What asks whether a server is back may use up the budget: then that server is what has to be told of. The run waits for a person, and
 * does not end of it.
 */
export function causeOf(error: unknown, { evaluation, generator }: Pick<DriverTools, ModelRole>): unknown {
  if (!isAppError(error) || error.code !== 'budget-spent') return error;
  const down = [evaluation, generator].find(({ lane }) => lane.limiter.isBroken);
  return down?.lane.record.failure ?? error;
}

async function listen(
  { round }: Requests['listen']['ask'],
  step: number,
  { state, committer }: DriverTools,
): Promise<Requests['listen']['tell']> {
  if (!state.heard.has(step)) await committer.commit({ events: [{ type: 'inputs-heard', step, round }] });
  const { inputs = [], calls = 0, stop } = state.heard.get(step) ?? {};
  return {
    candidates: inputs.flatMap((input) =>
      input.type === 'candidate' ? (state.candidates.get(candidateId(input.prompt))?.candidate ?? []) : [],
    ),
    hints: inputs.flatMap((input) => (input.type === 'hint' ? input.text : [])),
    calls,
    ...(stop ? { stop } : {}),
  };
}

async function evaluate(
  { candidates, examples, split, keep }: Requests['evaluate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['evaluate']['tell']> {
  const { state, committer } = tools;
  // its answers would have no place, and would be asked for again and again
  const stranger = candidates.find(({ id }) => !state.candidates.has(id));
  if (stranger) throw new Error(`Bug: the optimizer asked about ${stranger.id}, which it never announced`);
  const result: Requests['evaluate']['tell']['result'] = (candidate, example) =>
    state.candidates.get(candidate)?.results[split].get(example);
  for (;;) {
    const open = openCells(candidates, examples, split, state);
    const perCell = callsPerCell(taskOf(state), tools.evaluation.capabilities);
    const status = await within(step, open.length * perCell, keep * perCell, tools, () =>
      evaluateCells(open, split, tools, signal),
    );
    checkReadable(state, candidates, tools.proposeReading, tools.examples);
    if (status === 'exhausted') return { status, result };
    // a person may open failed rows again at any moment before the search has heard of them
    if (hasUntoldFailures(state, candidates, split, examples))
      await committer.commit({ events: [{ type: 'failures-told', step }] });
    else if (openCells(candidates, examples, split, state).length === 0) return { status, result };
  }
}

export type Cell = { readonly candidate: Candidate; readonly example: ExampleId };

/** The cells without a result, prompt by prompt: neighbouring calls share their beginning, which providers cache. */
export const openCells = (
  candidates: readonly Candidate[],
  examples: readonly ExampleId[],
  split: Split,
  state: RunState,
): readonly Cell[] =>
  candidates.flatMap((candidate) => {
    const known = state.candidates.get(candidate.id)?.results[split];
    return examples
      .filter((example) => !known?.has(example) && !isShownBy(candidate, example))
      .map((example) => ({ candidate, example }));
  });

export async function evaluateCells(
  cells: readonly Cell[],
  split: Split,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<void> {
  const { state } = tools;
  const { concurrency } = specOf(state);
  const isMany = concurrency >= manyAtOnce;
  const evaluation = isMany ? { ...tools.evaluation, slots: new Slots(concurrency) } : tools.evaluation;
  /** Answers on their way to the disk: the next requests do not wait for it. */
  const writing = new Set<Promise<void>>();
  /** What cannot be written ends the work, and wakes those who wait for their turn: nobody else would. */
  const broke = new AbortController();
  try {
    await forEachConcurrent(
      cells,
      isMany ? concurrency + madeReady : concurrency,
      async (cell, halt) => {
        const bill = new Bill(evaluation, isMany);
        const write = await evaluateCell(cell, split, bill, { ...tools, evaluation: { ...evaluation, halt } }, signal);
        const done = write()
          .then(() => stopWhenFailing(state, cell.candidate, split))
          .catch((error: unknown) => broke.abort(error))
          .finally(() => writing.delete(done));
        writing.add(done);
        if (writing.size >= mostUnwritten) await Promise.race(writing);
      },
      anySignal(signal, broke.signal),
    );
  } finally {
    tools.committer.hurry();
    await Promise.all(writing);
  }
  broke.signal.throwIfAborted();
}

/** Asks about one cell; hands back how to journal the result. */
async function evaluateCell(
  { candidate, example: id }: Cell,
  split: Split,
  bill: Bill,
  { state, examples, judges, evaluation, promises }: DriverTools,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const example = examples.get(id);
  if (!example) throw new Error(`Bug: example ${id} is not in the data set`);
  const task = taskOf(state);
  const request = evaluationRequest(task, candidate, example, evaluation.capabilities);
  try {
    const result = await evaluateExample(request, example, task, judges, evaluation, bill, signal);
    if ('error' in result) throw result.error;
    if (bill.promise) promises[bill.promise] += 1;
    if (promises.kept === 0 && promises.broken >= mostBroken)
      throw new AppError('logprobs-missing', { model: String(specOf(state).models.evaluation.values['model'] ?? '') });
    return () => bill.settle({ type: 'example-evaluated', candidate: candidate.id, example: id, split, result });
  } catch (error) {
    await bill.keep();
    throw error;
  }
}

function specOf({ spec }: RunState): NonNullable<RunState['spec']> {
  if (!spec) throw new Error('Bug: driven before it was started');
  return spec;
}
const taskOf = (state: RunState): NonNullable<RunState['spec']>['task'] => specOf(state).task;

/** Rows that fail one after the other are no longer bad rows: something is wrong with the task or the model. */
function stopWhenFailing(state: RunState, candidate: Candidate, split: Split): void {
  const record = state.candidates.get(candidate.id);
  if (!record) return;
  const [failed, of] = [record.failed[split], record.results[split].size];
  // once a person has seen it and lets it go on, only much worse is worth another stop
  const bar = Math.max(failingShare, 2 * state.failuresAccepted);
  if (of < failingFrom || failed <= bar * of) return;
  const last = [...record.results[split].values()].findLast(({ type }) => type === 'failed');
  throw new AppError('too-many-failures', { failed, of, last: last?.type === 'failed' ? last.message : '' });
}

async function generate(
  { round, purpose, jobs, keep }: Requests['generate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['generate']['tell']> {
  const { state } = tools;
  const open = jobs.flatMap((job, index) => (state.generated.has(jobKey(step, index)) ? [] : [{ job, index }]));
  const perCell = callsPerCell(taskOf(state), tools.evaluation.capabilities);
  const status = await within(step, open.length, keep * perCell, tools, () =>
    forEachConcurrent(
      open,
      specOf(state).concurrency,
      ({ job, index }, halt) =>
        generateOne(job, { step, job: index, round, purpose }, { ...tools.generator, halt }, signal),
      signal,
    ),
  );
  return { status, step, outputs: jobs.map((_, index) => state.generated.get(jobKey(step, index))?.output ?? lost) };
}

const lost = { text: '', finish: 'failed' } as const;

async function generateOne(
  job: GenerateJob,
  place: TextName & Pick<Requests['generate']['ask'], 'round' | 'purpose'>,
  generator: CallTools,
  signal: AbortSignal,
): Promise<void> {
  const request: CompletionRequest = { ...job, topLogprobs: 0 };
  const unanswered = {
    type: 'text-generated',
    ...place,
    messages: job.messages,
    usage: { inputTokens: 0, outputTokens: 0 },
    latencyMs: 0,
    attempts: 0,
  } as const;
  const made = await ask(request, generator, signal);
  const bill = new Bill(generator);
  if ('error' in made) {
    if (!isRowFailure(made.error)) throw made.error;
    await bill.settle({ ...unanswered, output: lost });
    return;
  }
  bill.add(made);
  const { text, finishReason, usage, latencyMs } = made.completion;
  await bill.settle({
    ...unanswered,
    output: { text, finish: finishReason },
    usage,
    latencyMs,
    attempts: bill.calls,
    call: made.call,
  });
}
