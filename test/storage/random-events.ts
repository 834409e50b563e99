import type { Random } from '#lib/random.ts';
import type { Usage } from '#core/completion.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import { callKey, candidateId, exampleId, runId } from '#core/id.ts';
import type { RunEvent } from '#core/run.ts';
import type { Score } from '#core/score.ts';
import { attemptOf, entriesOf } from './samples.ts';

/** Events of every type, with whatever values their types allow. */

const texts = ['', 'yes', '\0', '\ud800', '\udc00\ud800', '👩‍👩‍👧', 'é é', '__proto__', '\u2028', 'x'.repeat(300)];
const numbers = [0, -0, 1, -1, 0.1, 1e-320, 2 ** 53, 1e308, Infinity, -Infinity, 12.5];

const textOf = (random: Random): string =>
  random.pick([() => random.pick(texts), () => random.pick(texts) + random.pick(texts), () => String(random.next())])();
const numberOf = (random: Random): number => random.pick([() => random.pick(numbers), () => random.next() * 1e4])();

const usageOf = (random: Random): Usage => ({
  inputTokens: numberOf(random),
  outputTokens: numberOf(random),
  ...(random.integer(2) ? { estimated: true as const } : {}),
});

const scoreOf = (random: Random): Score =>
  random.pick<() => Score>([
    () => ({ type: 'scored', value: numberOf(random) }),
    () => ({
      type: 'scored',
      value: numberOf(random),
      bound: random.pick(['exact', 'at-least', 'estimated'] as const),
    }),
    () => ({ type: 'scored', value: numberOf(random), read: textOf(random) }),
    () => ({ type: 'unscored', reason: random.pick(['no-logprobs', 'no-answer', 'no-target'] as const) }),
  ])();

const resultOf = (random: Random): ExampleResult =>
  random.integer(6) === 0
    ? { type: 'failed', code: 'provider-timeout', message: textOf(random), attempts: numberOf(random) }
    : {
        type: 'answered',
        outcome: random.pick(['right', 'wrong', 'unparsable', 'refused', 'cut-off'] as const),
        answer: textOf(random),
        ...(random.integer(2) ? { read: textOf(random) } : {}),
        crossEntropy: scoreOf(random),
        usage: usageOf(random),
        latencyMs: numberOf(random),
        attempts: numberOf(random),
        call: callKey('test', { text: textOf(random) }),
      };

const evaluated = (random: Random): RunEvent => ({
  type: 'example-evaluated',
  candidate: candidateId(textOf(random)),
  example: exampleId({ inputs: { text: textOf(random) }, targets: ['yes'] }),
  split: random.pick(['train', 'validation', 'test'] as const),
  result: resultOf(random),
});

/** One maker for each type: a new type of event does not compile until it stands here. */
const makers: {
  readonly [Type in RunEvent['type']]: (random: Random) => Extract<RunEvent, { type: Type }> | RunEvent;
} = {
  'run-started': () => entriesOf(runId(0, 1), 0, 1)[0]?.event ?? { type: 'run-paused' },
  'model-probed': (random) => ({
    type: 'model-probed',
    role: 'evaluation',
    capabilities: { topLogprobs: 5, rejected: [textOf(random)] },
    calls: numberOf(random),
    // absent in journals of older versions
    ...(random.integer(2) ? { usage: usageOf(random) } : {}),
  }),
  search: (random) => ({
    type: 'search',
    step: numberOf(random),
    fact: { type: 'round-finished', round: 1, best: candidateId('a'), note: textOf(random) },
  }),
  'calls-failed': (random) => ({ type: 'calls-failed', role: 'generator', calls: numberOf(random) }),
  'call-failed': (random) => ({
    type: 'call-failed',
    role: 'evaluation',
    call: callKey('test', {}),
    code: 'provider-timeout',
    charged: random.pick(['no', 'maybe'] as const),
    reserved: usageOf(random),
  }),
  'answers-kept': (random) => ({
    type: 'answers-kept',
    role: 'evaluation',
    calls: 2,
    usage: usageOf(random),
    ...(random.integer(2) ? { probe: true } : {}),
  }),
  'calls-lost': (random) => ({ type: 'calls-lost', attempts: [attemptOf(textOf(random))] }),
  'request-refused': (random) => ({
    type: 'request-refused',
    step: numberOf(random),
    ...(random.next() < 0.5 ? { minutes: numberOf(random) } : {}),
  }),
  'example-evaluated': evaluated,
  'text-generated': (random) => ({
    type: 'text-generated',
    step: 1,
    job: 2,
    ...(random.integer(2) ? { round: numberOf(random), purpose: 'note' } : {}),
    messages: [{ role: 'user', content: textOf(random) }],
    output: { text: textOf(random), finish: 'stop' },
    usage: usageOf(random),
    latencyMs: numberOf(random),
    attempts: 1,
    ...(random.integer(2) ? { call: callKey('test', {}) } : {}),
  }),
  'search-ended': (random) => ({
    type: 'search-ended',
    best: candidateId('a'),
    baseline: candidateId('b'),
    reason: textOf(random),
    ended: 'finished',
  }),
  'input-given': (random) => ({ type: 'input-given', input: { type: 'hint', text: textOf(random) } }),
  'inputs-heard': () => ({ type: 'inputs-heard', step: 3, round: 1 }),
  'failures-told': () => ({ type: 'failures-told', step: 3 }),
  'failed-reopened': () => ({ type: 'failed-reopened' }),
  'budget-changed': (random) => ({ type: 'budget-changed', budget: { calls: numberOf(random) } }),
  'run-renamed': (random) => ({ type: 'run-renamed', name: textOf(random) }),
  'answers-accepted': () => ({ type: 'answers-accepted' }),
  'run-paused': () => ({ type: 'run-paused' }),
  'run-resumed': () => ({ type: 'run-resumed' }),
  'run-stalled': (random) => ({
    type: 'run-stalled',
    error: { code: 'provider-rejected', details: { status: 400, said: textOf(random) } },
  }),
  'run-ended': (random) => ({ type: 'run-ended', outcome: 'finished', reason: textOf(random) }),
};

const types = Object.keys(makers) as RunEvent['type'][];

/** Mostly answers, as in a journal, and now and then any other event. */
export const randomEvent = (random: Random): RunEvent =>
  random.integer(4) === 0 ? makers[random.pick(types)](random) : evaluated(random);
