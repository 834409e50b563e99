import { forEachConcurrent } from '#lib/concurrent.ts';
import type { Capabilities, CompletionRequest } from '#core/completion.ts';
import { isAppError } from '#core/error.ts';
import type { Example } from '#core/example.ts';
import { candidateId, type ExampleId } from '#core/id.ts';
import type { Ask, GenerateJob, Procedure, Requests, SearchOutcome, Tell, TextName } from '#core/optimizer.ts';
import { callsPerCell, type ModelRole } from '#core/run.ts';
import { Bill } from './bill.ts';
import { ask, type CallTools } from './calls/asked.ts';
import { evaluateCells, openCells } from './cells.ts';
import type { Committer } from './committer.ts';
import { isRowFailure, type Judges } from './evaluate.ts';
import { hasUntoldFailures } from './fold/failures.ts';
import { jobKey, specOf, type RunState } from './run-state.ts';
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
  const { minutesUp } = evaluation.ledger;
  await committer.commit({
    events: [{ type: 'request-refused', step, ...(minutesUp === undefined ? {} : { minutes: minutesUp }) }],
  });
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
  { candidates, examples, split, keep, reserved }: Requests['evaluate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['evaluate']['tell']> {
  const { state, committer } = tools;
  // its answers would have no place, and would be asked for again and again
  const stranger = candidates.find(({ id }) => !state.candidates.has(id));
  if (stranger) throw new Error(`Bug: the optimizer asked about ${stranger.id}, which it never announced`);
  // without it the whole search would be judged by the rows that it looked at
  tools.evaluation.ledger.closing = reserved === true;
  const result: Requests['evaluate']['tell']['result'] = (candidate, example) =>
    state.candidates.get(candidate)?.results[split].get(example);
  for (;;) {
    const open = openCells(candidates, examples, split, state);
    const perCell = callsPerCell(specOf(state).task, tools.evaluation.capabilities);
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

async function generate(
  { round, purpose, jobs, keep }: Requests['generate']['ask'],
  step: number,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<Requests['generate']['tell']> {
  const { state } = tools;
  const open = jobs.flatMap((job, index) => (state.generated.has(jobKey(step, index)) ? [] : [{ job, index }]));
  const perCell = callsPerCell(specOf(state).task, tools.evaluation.capabilities);
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
