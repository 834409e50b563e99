import { createRandom } from '#lib/random.ts';
import { defaultsOf, type FieldValue, type Values } from '#core/fields.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import { candidateId, type CandidateId, type ExampleId } from '#core/id.ts';
import type { Ask, Optimizer, SearchOutcome, Tell } from '#core/optimizer.ts';
import { isShownBy, type Candidate } from '#core/prompt.ts';
import { compareOn } from '#core/report.ts';
import type { TaskSpec } from '#core/task.ts';
import { GridWorld, type Grid } from './grid-world.ts';
import { World, type PlayWorld, type WorldSpec } from './world.ts';

export type Game = {
  readonly optimizer: Optimizer;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly world: WorldSpec | Grid;
  readonly seed: number;
  /** Calls of the search. */
  readonly calls: number;
  /** What a text of the generator counts as, in calls of the evaluation model: it is longer, and often of a dearer model. */
  readonly textCost: number;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  /** Set where the model tells no probability of its answers. */
  readonly withoutProbabilities?: boolean;
};

export type Outcome = {
  /** True accuracy of the prompt that came back, of the best starting prompt, and of the best prompt that was ever written. */
  readonly truth: number;
  readonly start: number;
  readonly ceiling: number;
  /** Accuracy on the rows that the winner was chosen on: validation rows where there were any, else train rows. */
  readonly chosenOn: number;
  /** Accuracy on the sealed rows: what the app reports. */
  readonly sealed: number;
  readonly verdict: 'better' | 'worse' | 'cannot-tell' | 'same';
  readonly evaluationCalls: number;
  readonly generatorCalls: number;
  readonly ended: SearchOutcome['ended'];
};

const task: TaskSpec = {
  description: 'Say yes or no.',
  template: { messages: [{ role: 'user', content: '{{>prompt}}\n{{text}}' }] },
  answer: { type: 'label', labels: ['yes', 'no'] },
  metric: 'label',
  maxAnswerTokens: 4,
};

const unscored = (result: ExampleResult): ExampleResult =>
  result.type === 'answered' ? { ...result, crossEntropy: { type: 'unscored', reason: 'no-logprobs' } } : result;

/** One run of an optimizer in one world, under a budget that refuses what it does not hold. */
export function play(game: Game): Outcome {
  const { optimizer, values, world: spec, seed, calls, textCost, rows, withoutProbabilities = false } = game;
  const world: PlayWorld =
    'prompts' in spec
      ? new GridWorld(spec, seed, rows)
      : new World(spec, seed, rows.train + rows.validation + rows.test);
  const train = world.examples.slice(0, rows.train);
  const validation = world.examples.slice(rows.train, rows.train + rows.validation);
  const test = world.examples.slice(rows.train + rows.validation);
  const seeds = world.seeds.map((prompt): Candidate => ({
    id: candidateId(prompt),
    prompt,
    origin: { type: 'start' },
  }));
  const candidates = new Map<CandidateId, Candidate>(seeds.map((candidate) => [candidate.id, candidate]));
  const known = { train: new Map<string, ExampleResult>(), validation: new Map<string, ExampleResult>() };
  let [evaluationCalls, generatorCalls] = [0, 0];
  const holds = (needed: number, keep: number): boolean =>
    needed === 0 || evaluationCalls + textCost * generatorCalls + needed + keep <= calls;

  const answer = (ask: Ask): Tell => {
    switch (ask.kind) {
      case 'announce':
        if (ask.fact.type === 'candidate-proposed') candidates.set(ask.fact.candidate.id, ask.fact.candidate);
        return { kind: 'announce' };
      case 'listen':
        return { kind: 'listen', candidates: [], hints: [], calls };
      case 'generate': {
        const status = holds(textCost * ask.jobs.length, ask.keep) ? 'done' : 'exhausted';
        if (status === 'done') generatorCalls += ask.jobs.length;
        const outputs = ask.jobs.map((job) =>
          status === 'done' ? world.write(job) : { text: '', finish: 'failed' as const },
        );
        return { kind: 'generate', status, step: generatorCalls, outputs };
      }
      case 'evaluate': {
        const cells = known[ask.split];
        const name = (candidate: CandidateId, example: ExampleId): string => `${candidate} ${example}`;
        const open = ask.candidates.flatMap((candidate) =>
          ask.examples.flatMap((example) =>
            cells.has(name(candidate.id, example)) || isShownBy(candidate, example) ? [] : { candidate, example },
          ),
        );
        const status = holds(open.length, ask.keep) ? 'done' : 'exhausted';
        if (status === 'done') {
          for (const { candidate, example } of open) {
            const result = world.result(candidate, example);
            cells.set(name(candidate.id, example), withoutProbabilities ? unscored(result) : result);
          }
          evaluationCalls += open.length;
        }
        return { kind: 'evaluate', status, result: (candidate, example) => cells.get(name(candidate, example)) };
      }
    }
  };

  const procedure = optimizer.run(
    { task, train, validation, random: createRandom(`${seed}/${optimizer.id}`), calls, seeds },
    { ...defaultsOf(optimizer.fields), ...values } as Values,
  );
  let turn = procedure.next();
  while (!turn.done) turn = procedure.next(answer(turn.value));
  const { best, baseline, ended } = turn.value;
  const of = (id: CandidateId): Candidate => candidates.get(id) as Candidate;
  const results = (candidate: Candidate, ids: readonly ExampleId[]): Map<ExampleId, ExampleResult> =>
    new Map(ids.map((id) => [id, world.result(candidate, id)]));
  const share = (found: Iterable<ExampleResult>): number => {
    const all = [...found];
    return (
      all.filter((result) => result.type === 'answered' && result.outcome === 'right').length / Math.max(1, all.length)
    );
  };
  const asked = (split: 'train' | 'validation'): ExampleResult[] =>
    [...known[split]].flatMap(([name, result]) => (name.startsWith(`${best} `) ? [result] : []));
  const sealed = results(
    of(best),
    test.map(({ id }) => id),
  );
  const other = results(
    of(baseline),
    test.map(({ id }) => id),
  );
  const chosen = asked('validation');
  return {
    truth: world.truth(of(best)),
    start: Math.max(...seeds.map((candidate) => world.truth(candidate))),
    ceiling: Math.max(...[...candidates.values()].map((candidate) => world.truth(candidate))),
    chosenOn: share(chosen.length > 0 ? chosen : asked('train')),
    sealed: share(sealed.values()),
    verdict: best === baseline ? 'same' : (compareOn(sealed, other)?.verdict ?? 'cannot-tell'),
    evaluationCalls,
    generatorCalls,
    ended,
  };
}
