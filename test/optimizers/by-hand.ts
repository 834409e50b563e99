import { createRandom } from '#lib/random.ts';
import { sha256Hex } from '#lib/hash.ts';
import { defaultsOf, type FieldValue, type Values } from '#core/fields.ts';
import type { ExampleResult, Outcome } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { candidateId, exampleId, type CallKey } from '#core/id.ts';
import type {
  Ask,
  GeneratedText,
  GenerateJob,
  Optimizer,
  OptimizerContext,
  Requests,
  SearchFact,
  SearchOutcome,
  Tell,
} from '#core/optimizer.ts';
import { isShownBy, type Candidate } from '#core/prompt.ts';
import { makeDataset, startingPrompts, task } from '../support/builders.ts';

/** A world without an engine: the requests of an optimizer are answered by hand, from the prompt and the example alone. */
export type World = {
  readonly optimizer: Optimizer;
  readonly context: OptimizerContext;
  readonly values: Values;
  readonly result: (candidate: Candidate, example: Example) => ExampleResult | undefined;
  readonly write: (job: GenerateJob, count: number) => GeneratedText;
  /** Requests from this one on are refused, whatever they ask. */
  readonly refuseFrom: number;
  /** From this one on a limit of minutes is reached: only those are answered that are reserved for the end. */
  readonly minutesFrom: number;
  /** What the person says at the start of a round. */
  readonly say: (round: number) => Partial<Omit<Requests['listen']['tell'], 'status' | 'calls'>>;
};

export type Trail = {
  readonly asks: readonly Ask[];
  readonly facts: readonly SearchFact[];
  readonly outcome: SearchOutcome;
  readonly evaluationCalls: number;
  readonly generatorCalls: number;
};

const chances = new Map<string, number>();
function chance(...words: readonly string[]): number {
  const name = words.join('\n');
  const known = chances.get(name) ?? parseInt(sha256Hex(name).slice(0, 8), 16) / 2 ** 32;
  chances.set(name, known);
  return known;
}

const answered = (
  outcome: Exclude<Outcome, 'failed'>,
  crossEntropy: number,
): Extract<ExampleResult, { type: 'answered' }> => ({
  type: 'answered',
  outcome,
  answer: outcome === 'right' ? 'praise' : `something ${outcome}`,
  crossEntropy: { type: 'scored', value: crossEntropy, bound: 'exact' },
  usage: { inputTokens: 10, outputTokens: 2 },
  latencyMs: 1,
  attempts: 1,
  call: 'call' as CallKey,
});

/** Longer prompts are right more often; the same prompt and row always end the same. */
export function resultOf({ prompt }: Candidate, { id }: Example): ExampleResult {
  const right = chance(prompt, id) < Math.min(0.9, prompt.length / 120);
  return answered(right ? 'right' : chance(id, prompt) < 0.2 ? 'unparsable' : 'wrong', 5 * chance(id, 'ce', prompt));
}

/** The same, with probabilities that belong to the answers: a right one is likely, and a wrong one leaves less than half. */
export function fittingResultOf(candidate: Candidate, example: Example): ExampleResult {
  const result = resultOf(candidate, example);
  if (result.type === 'failed' || result.crossEntropy.type !== 'scored') return result;
  const chance = result.crossEntropy.value / 5;
  const value = result.outcome === 'right' ? 0.69 * chance : 0.7 + 4.3 * chance;
  return { ...result, crossEntropy: { ...result.crossEntropy, value } };
}

export const failedResult: ExampleResult = { type: 'failed', code: 'row-too-long', message: 'too long', attempts: 1 };

const sentences = [
  'Decide what the message is.',
  'Write only the label.',
  'Praise, complaint or question.',
  'Nothing else may be written.',
  'Look at the first words.',
  'A thank-you is praise.',
];
/** A new prompt for each seed and meta prompt. */
export function writePrompt({ seed, messages }: GenerateJob, count: number): GeneratedText {
  const random = createRandom(`${seed} ${messages.map(({ content }) => content).join()}`);
  return {
    text: `<prompt>${random.sample(sentences, 2 + random.integer(4)).join(' ')} (${count})</prompt>`,
    finish: 'stop',
  };
}

export const startOf = (prompt: string): Candidate => ({ id: candidateId(prompt), prompt, origin: { type: 'start' } });

export function makeWorld(
  optimizer: Optimizer,
  over: Partial<Omit<World, 'values' | 'context'>> & {
    readonly values?: Readonly<Record<string, FieldValue>>;
    readonly context?: Partial<OptimizerContext>;
    readonly seed?: number;
  } = {},
): World {
  const { values, context, seed, ...rest } = over;
  const { examples } = makeDataset(30);
  return {
    optimizer,
    values: { ...defaultsOf(optimizer.fields), ...values } as Values,
    context: {
      task,
      train: examples.slice(0, 16),
      validation: examples.slice(16),
      random: createRandom(seed ?? 1),
      calls: 600,
      seeds: startingPrompts.map(startOf),
      ...context,
    },
    result: resultOf,
    write: writePrompt,
    refuseFrom: Infinity,
    minutesFrom: Infinity,
    say: () => ({}),
    ...rest,
  };
}

/** Drives an optimizer to its end. Cells that are known are not counted again, as in the engine. */
export function driveByHand(world: World): Trail {
  const { optimizer, context, values, refuseFrom } = world;
  const examples = new Map([...context.train, ...context.validation].map((example) => [example.id, example]));
  const known = new Map<string, ExampleResult | undefined>();
  const asks: Ask[] = [];
  const facts: SearchFact[] = [];
  let [evaluationCalls, generatorCalls] = [0, 0];
  const met = new Set(context.seeds.map(({ id }) => id));
  const meet = (candidates: readonly Candidate[]): void => candidates.forEach(({ id }) => met.add(id));
  const answer = (ask: Ask): Tell => {
    const strangers = ask.kind === 'evaluate' ? ask.candidates.filter(({ id }) => !met.has(id)) : [];
    if (strangers.length > 0) throw new Error('the optimizer asked about a prompt that it never announced');
    const needed = ask.kind === 'generate' ? ask.jobs.length : ask.kind === 'evaluate' ? openCells(ask).length : 0;
    const isHeld = needed === 0 || evaluationCalls + generatorCalls + needed + keepOf(ask) <= context.calls;
    const isLate = asks.length > world.minutesFrom && !(ask.kind === 'evaluate' && ask.reserved);
    const status = asks.length > refuseFrom || isLate || !isHeld ? ('exhausted' as const) : ('done' as const);
    if (ask.kind === 'announce') {
      facts.push(ask.fact);
      if (ask.fact.type === 'candidate-proposed') meet([ask.fact.candidate]);
      return { kind: 'announce' };
    }
    if (ask.kind === 'listen') {
      const said = world.say(ask.round);
      meet(said.candidates ?? []);
      return { kind: 'listen', candidates: [], hints: [], calls: context.calls, ...said };
    }
    if (ask.kind === 'generate')
      return {
        kind: 'generate',
        status,
        step: asks.length - 1,
        outputs: ask.jobs.map((job) =>
          status === 'done' ? world.write(job, generatorCalls++) : { text: '', finish: 'failed' as const },
        ),
      };
    if (status === 'done')
      for (const { candidate, example, name } of openCells(ask)) {
        known.set(name, world.result(candidate, example));
        evaluationCalls += 1;
      }
    const { split } = ask;
    return { kind: 'evaluate', status, result: (candidate, example) => known.get(`${split} ${candidate} ${example}`) };
  };
  const openCells = ({ candidates, examples: ids, split }: Extract<Ask, { kind: 'evaluate' }>) =>
    candidates.flatMap((candidate) =>
      ids.flatMap((id) => {
        const example = examples.get(id);
        if (!example) throw new Error(`asked about ${id}, which is in neither open split`);
        const name = `${split} ${candidate.id} ${id}`;
        return known.has(name) || isShownBy(candidate, id) ? [] : { candidate, example, name };
      }),
    );
  const keepOf = (ask: Ask): number => ('keep' in ask ? ask.keep : 0);
  const procedure = optimizer.run(context, values);
  for (let turn = procedure.next(); ;) {
    if (turn.done) return { asks, facts, outcome: turn.value, evaluationCalls, generatorCalls };
    if (asks.push(turn.value) > 5000) throw new Error('the optimizer does not come to an end');
    turn = procedure.next(answer(turn.value));
  }
}

export const exampleOf = (text: string, target = 'praise'): Example => {
  const content = { inputs: { text }, targets: [target] };
  return { id: exampleId(content), ...content };
};

export { answered };
