import { addUsage } from '#core/budget.ts';
import type { Capabilities, Completion, CompletionRequest, Usage } from '#core/completion.ts';
import { isRowFailure } from '#core/error.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { renderMessages, type Candidate } from '#core/prompt.ts';
import type { Metric, Score } from '#core/score.ts';
import type { TaskSpec } from '#core/task.ts';
import { ask, type CallTools, type Failure } from './calls/asked.ts';
import type { StoredAnswer } from './seams.ts';

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

export type Evaluated = { readonly result: ExampleResult; readonly answers: readonly StoredAnswer[] };

/**
 * One prompt on one example: render, ask, judge. A row that can never succeed is a result of type `failed`; a broken system is
 * handed back with the number of requests that it took.
 */
export async function evaluateExample(
  request: CompletionRequest,
  example: Example,
  task: TaskSpec,
  judges: Judges,
  tools: CallTools,
  signal: AbortSignal,
): Promise<Evaluated | Failure> {
  const answer = await ask(request, tools, signal);
  if ('error' in answer) return isRowFailure(answer.error.code) ? { result: failed(answer), answers: [] } : answer;
  const { completion, call, attempts } = answer;
  const judgement = judge(completion, example, task, judges);
  const drawn =
    judgement.crossEntropy.type === 'unscored' ? await draw(request, example, task, judges, tools, signal) : noDraws;
  if ('error' in drawn) return { error: drawn.error, attempts: attempts + drawn.attempts };
  return {
    result: {
      type: 'answered',
      ...judgement,
      ...(drawn.estimate ? { crossEntropy: drawn.estimate } : {}),
      usage: drawn.usage.reduce(addUsage, completion.usage),
      latencyMs: completion.latencyMs,
      attempts: attempts + drawn.attempts,
      call,
    },
    answers: [...(attempts > 0 ? [{ call, completion }] : []), ...drawn.answers],
  };
}

type Draws = {
  readonly estimate?: Score;
  readonly usage: readonly Usage[];
  readonly attempts: number;
  readonly answers: readonly StoredAnswer[];
};
const noDraws: Draws = { usage: [], attempts: 0, answers: [] };

/** How many calls one cell costs at most, retries aside. */
export const callsPerCell = (task: TaskSpec, { topLogprobs }: Capabilities): number =>
  1 + (topLogprobs === 0 ? (task.estimateSamples ?? 0) : 0);

/**
 * Without log-probabilities: −ln of the share of right answers among a few draws at temperature 1, with half an answer added to
 * each side (Krichevsky–Trofimov), so that no row is infinitely wrong.
 */
async function draw(
  request: CompletionRequest,
  example: Example,
  task: TaskSpec,
  judges: Judges,
  tools: CallTools,
  signal: AbortSignal,
): Promise<Draws | Failure> {
  const wanted = request.topLogprobs === 0 ? (task.estimateSamples ?? 0) : 0;
  if (wanted === 0) return noDraws;
  const answers: StoredAnswer[] = [];
  const usage: Usage[] = [];
  let attempts = 0;
  let right = 0;
  let drawn = 0;
  for (let sample = 1; sample <= wanted; sample++) {
    const answer = await ask({ ...request, temperature: 1, seed: evaluationSeed + sample }, tools, signal);
    attempts += answer.attempts;
    if ('error' in answer) {
      if (isRowFailure(answer.error.code)) continue;
      return { error: answer.error, attempts };
    }
    drawn += 1;
    if (judge(answer.completion, example, task, judges).outcome === 'right') right += 1;
    if (answer.attempts > 0) {
      answers.push({ call: answer.call, completion: answer.completion });
      usage.push(answer.completion.usage);
    }
  }
  if (drawn === 0) return { usage, attempts, answers };
  return {
    estimate: { type: 'scored', value: -Math.log((right + 0.5) / (drawn + 1)), bound: 'estimated' },
    usage,
    attempts,
    answers,
  };
}

function failed({ error, attempts }: Failure): ExampleResult {
  const said = (error.details as { said?: unknown }).said;
  return { type: 'failed', code: error.code, message: typeof said === 'string' ? said : error.code, attempts };
}

type Judgement = Pick<Extract<ExampleResult, { type: 'answered' }>, 'outcome' | 'answer' | 'read' | 'crossEntropy'>;

/** What an answer is worth. Pure. */
function judge(completion: Completion, example: Example, task: TaskSpec, judges: Judges): Judgement {
  const score = judges.rightOrWrong.score(example, completion, task.answer);
  const text = completion.text;
  return {
    outcome: outcome(score, completion),
    answer: text.length > keptAnswer ? `${text.slice(0, keptAnswer)}…` : text,
    ...(score.type === 'scored' && score.read !== undefined ? { read: score.read.slice(0, keptAnswer) } : {}),
    crossEntropy: judges.crossEntropy.score(example, completion, task.answer),
  };
}

function outcome(score: Score, completion: Completion): Judgement['outcome'] {
  if (score.type === 'scored' && score.value === 1) return 'right';
  if (completion.finishReason === 'filter') return 'refused';
  if (score.type === 'scored') return 'wrong';
  return completion.finishReason === 'length' ? 'cut-off' : 'unparsable';
}
