import { forEachConcurrent } from '#lib/concurrent.ts';
import type { Capabilities, CompletionRequest } from '#core/completion.ts';
import { AppError, isRowFailure } from '#core/error.ts';
import type { Example, Split } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { Ask, GenerateJob, Procedure, Requests, SearchOutcome, Tell } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { ModelRole, RunSpec } from '#core/run.ts';
import { ask, type CallTools, type Failure } from './calls/asked.ts';
import type { Committer } from './committer.ts';
import { callsPerCell, evaluateExample, evaluationRequest, type Judges } from './evaluate.ts';
import { jobKey, type RunState } from './run-state.ts';

export type DriverTools = {
  readonly spec: RunSpec;
  readonly state: RunState;
  readonly committer: Committer;
  readonly examples: ReadonlyMap<ExampleId, Example>;
  readonly judges: Judges;
  readonly evaluation: CallTools & { readonly capabilities: Capabilities };
  readonly generator: CallTools;
};

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
      if (!tools.state.factSteps.has(step)) await tools.committer.commit({ type: 'search', step, fact: request.fact });
      return { kind: 'announce' };
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
  { state, evaluation, committer }: DriverTools,
  work: () => Promise<void>,
): Promise<'done' | 'exhausted'> {
  if (state.refused.has(step)) return 'exhausted';
  if (calls === 0) return 'done';
  if (evaluation.ledger.holds(calls, keep)) {
    try {
      await work();
      return 'done';
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'budget-spent') throw error;
    }
  }
  await committer.commit({ type: 'request-refused', step });
  return 'exhausted';
}

async function evaluate(
  { candidates, examples, split, keep }: Requests['evaluate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['evaluate']['tell']> {
  const { state } = tools;
  const result: Requests['evaluate']['tell']['result'] = (candidate, example) =>
    state.candidates.get(candidate)?.results[split].get(example);
  const open = openCells(candidates, examples, split, state);
  const calls = open.length * callsPerCell(tools.spec.task, tools.evaluation.capabilities);
  const status = await within(step, calls, keep, tools, () => evaluateCells(open, split, tools, signal));
  return { status, result };
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
    return examples.filter((example) => !known?.has(example)).map((example) => ({ candidate, example }));
  });

export async function evaluateCells(
  cells: readonly Cell[],
  split: Split,
  { spec, examples, judges, evaluation, committer, state }: DriverTools,
  signal: AbortSignal,
): Promise<void> {
  await forEachConcurrent(
    cells,
    spec.concurrency,
    async ({ candidate, example: id }) => {
      const example = examples.get(id);
      if (!example) throw new Error(`Bug: example ${id} is not in the data set`);
      const request = evaluationRequest(spec.task, candidate, example, evaluation.capabilities);
      const evaluated = await evaluateExample(request, example, spec.task, judges, evaluation, signal);
      if ('error' in evaluated) return giveUp('evaluation', evaluated, evaluation, committer);
      const { result, answers } = evaluated;
      await committer.commit(
        { type: 'example-evaluated', candidate: candidate.id, example: id, split, result },
        answers,
        () => evaluation.ledger.settle(result.attempts),
      );
      stopWhenFailing(state, candidate, split);
    },
    signal,
  );
}

/** The system is broken: what was sent for nothing is put in the books, then the run stops. */
async function giveUp(
  role: ModelRole,
  { error, attempts }: Failure,
  { ledger }: CallTools,
  committer: Committer,
): Promise<never> {
  if (attempts > 0)
    await committer.commit({ type: 'calls-failed', role, calls: attempts }, [], () => ledger.settle(attempts));
  throw error;
}

/** Rows that fail one after the other are no longer bad rows: something is wrong with the task or the model. */
function stopWhenFailing(state: RunState, candidate: Candidate, split: Split): void {
  const results = [...(state.candidates.get(candidate.id)?.results[split].values() ?? [])];
  const failed = results.flatMap((result) => (result.type === 'failed' ? [result] : []));
  if (results.length >= failingFrom && failed.length > failingShare * results.length)
    throw new AppError('too-many-failures', {
      failed: failed.length,
      of: results.length,
      last: failed.at(-1)?.message ?? '',
    });
}

async function generate(
  { jobs, keep }: Requests['generate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['generate']['tell']> {
  const { state, spec } = tools;
  const open = jobs.flatMap((job, index) => (state.generated.has(jobKey(step, index)) ? [] : [{ job, index }]));
  const status = await within(step, open.length, keep, tools, () =>
    forEachConcurrent(open, spec.concurrency, ({ job, index }) => generateOne(job, step, index, tools, signal), signal),
  );
  return { status, outputs: jobs.map((_, index) => state.generated.get(jobKey(step, index))?.output ?? lost) };
}

const lost = { text: '', finish: 'failed' } as const;

async function generateOne(
  job: GenerateJob,
  step: number,
  index: number,
  { generator, committer }: DriverTools,
  signal: AbortSignal,
): Promise<void> {
  const request: CompletionRequest = { ...job, topLogprobs: 0 };
  const made = await ask(request, generator, signal);
  if ('error' in made && !isRowFailure(made.error.code)) return giveUp('generator', made, generator, committer);
  const failedText = 'error' in made;
  await committer.commit(
    {
      type: 'text-generated',
      step,
      job: index,
      messages: job.messages,
      output: failedText ? lost : { text: made.completion.text, finish: made.completion.finishReason },
      usage: failedText ? { inputTokens: 0, outputTokens: 0 } : made.completion.usage,
      latencyMs: failedText ? 0 : made.completion.latencyMs,
      attempts: made.attempts,
      ...(failedText ? {} : { call: made.call }),
    },
    failedText || made.attempts === 0 ? [] : [{ call: made.call, completion: made.completion }],
    () => generator.ledger.settle(made.attempts),
  );
}
