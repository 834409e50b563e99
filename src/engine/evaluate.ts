import type { Capabilities, Completion, CompletionRequest } from '#core/completion.ts';
import type { AppError } from '#core/error.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { renderMessages, type Candidate } from '#core/prompt.ts';
import { readBy } from '#core/reading.ts';
import type { Metric, Score } from '#core/score.ts';
import type { TaskSpec } from '#core/task.ts';
import type { Bill } from './bill.ts';
import { ask, type CallTools, type Failure } from './calls/asked.ts';
import { classify } from './calls/policy.ts';

/** The same for every prompt and every run, as in the origin: equal requests have equal names, so no answer is paid for twice. */
const evaluationSeed = 1;
/** Characters of an answer that the journal keeps; the whole text is in the answer cache. */
const keptAnswer = 600;

export type Judges = { readonly rightOrWrong: Metric; readonly crossEntropy: Metric };

export const evaluationRequest = (
  task: TaskSpec,
  candidate: Candidate,
  example: Example,
  capabilities: Capabilities,
): CompletionRequest => ({
  messages: renderMessages(task.template, candidate.prompt, example),
  maxTokens: task.maxAnswerTokens,
  temperature: 0,
  seed: evaluationSeed,
  topLogprobs: capabilities.topLogprobs,
});

/**
 * One prompt on one example: render, ask, judge. A row that can never succeed is a result of type `failed`; a broken system is
 * handed back. What was asked for stands on the bill either way.
 */
export async function evaluateExample(
  request: CompletionRequest,
  example: Example,
  task: TaskSpec,
  judges: Judges,
  tools: CallTools,
  bill: Bill,
  signal: AbortSignal,
): Promise<ExampleResult | Failure> {
  const answer = await ask(request, tools, signal);
  if ('error' in answer) return isRowFailure(answer.error) ? failed(answer.error, bill) : answer;
  bill.add(answer);
  const { completion, call } = answer;
  // an answer that was withheld, or is empty, has no tokens to tell of
  const isWhole = completion.text !== '' && completion.finishReason !== 'filter';
  if (answer.paid && request.topLogprobs > 0 && isWhole) bill.promise = completion.tokens ? 'kept' : 'broken';
  const judgement = judge(completion, example, task, judges);
  const estimate =
    judgement.crossEntropy.type === 'unscored'
      ? await estimateByDraws(request, example, task, judges, tools, bill, signal)
      : undefined;
  if (estimate && 'error' in estimate) return estimate;
  return {
    type: 'answered',
    ...judgement,
    ...(estimate ? { crossEntropy: estimate } : {}),
    usage: bill.calls > 0 ? bill.usage : completion.usage,
    latencyMs: completion.latencyMs,
    attempts: bill.calls,
    call,
  };
}

/** Failures of one row: the run goes on. */
export const isRowFailure = (error: AppError): boolean => classify(error).action === 'fail-row';

/**
 * Without log-probabilities: −ln of the share of right answers among a few draws at temperature 1, with half an answer added to
 * each side (Krichevsky–Trofimov), so that no row is infinitely wrong.
 */
async function estimateByDraws(
  request: CompletionRequest,
  example: Example,
  task: TaskSpec,
  judges: Judges,
  tools: CallTools,
  bill: Bill,
  signal: AbortSignal,
): Promise<Score | Failure | undefined> {
  const wanted = request.topLogprobs === 0 ? (task.estimateSamples ?? 0) : 0;
  const keeping = { ...tools, gate: keepingBefore(tools.gate, bill) };
  let right = 0;
  let drawn = 0;
  for (let sample = 1; sample <= wanted; sample++) {
    const answer = await ask({ ...request, temperature: 1, seed: evaluationSeed + sample }, keeping, signal);
    if ('error' in answer) {
      if (isRowFailure(answer.error)) continue;
      return answer;
    }
    bill.add(answer);
    drawn += 1;
    if (judge(answer.completion, example, task, judges).outcome === 'right') right += 1;
  }
  if (drawn === 0) return undefined;
  return { type: 'scored', value: -Math.log((right + 0.5) / (drawn + 1)), bound: 'estimated' };
}

/** Whoever waits at the gate of a pause first writes down what was paid for: a pause may be long, and others may want the same answers. */
const keepingBefore = (gate: CallTools['gate'], bill: Bill): CallTools['gate'] => ({
  get isOpen() {
    return gate.isOpen;
  },
  async pass(signal) {
    if (!gate.isOpen) await bill.keep();
    await gate.pass(signal);
  },
});

function failed(error: AppError, bill: Bill): ExampleResult {
  const said = (error.details as { said?: unknown }).said;
  return {
    type: 'failed',
    code: error.code,
    message: typeof said === 'string' ? said : error.code,
    attempts: bill.calls,
  };
}

type Judgement = Pick<Extract<ExampleResult, { type: 'answered' }>, 'outcome' | 'answer' | 'read' | 'crossEntropy'>;

/** What an answer is worth. Pure. */
export function judge(completion: Completion, example: Example, task: TaskSpec, judges: Judges): Judgement {
  const part = readBy(completion, task.reading);
  const score = judges.rightOrWrong.score(example, part, task.answer);
  return {
    outcome: outcome(score, completion),
    answer: beginning(completion.text),
    ...(score.type === 'scored' && score.read !== undefined ? { read: beginning(score.read) } : {}),
    crossEntropy: judges.crossEntropy.score(example, part, task.answer),
  };
}

/** What the journal keeps of a text, which says where it was cut. */
const beginning = (text: string): string => (text.length > keptAnswer ? `${text.slice(0, keptAnswer)}…` : text);

function outcome(score: Score, completion: Completion): Judgement['outcome'] {
  if (score.type === 'scored' && score.value === 1) return 'right';
  if (completion.finishReason === 'filter') return 'refused';
  if (score.type === 'scored') return 'wrong';
  return completion.finishReason === 'length' ? 'cut-off' : 'unparsable';
}
