import { canBeShown, candidateWith, demonstrationsIn, type Demonstration } from '#core/demonstrations.ts';
import type { ExampleId } from '#core/id.ts';
import type { OptimizerContext } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import type { Workbench } from './workbench.ts';

/** Characters of a row, and of an answer, that is shown as a worked example. */
const longestRow = 1500;
const longestAnswer = 500;

/** An answer that the journal had to cut ends in an ellipsis of its own; what is cut is no example of anything. */
export const isWhole = (answer: string): boolean =>
  answer !== '' && answer.length <= longestAnswer && !answer.endsWith('…');

/** The train rows with the answers that the data gives them. */
export const labelledRows = ({ context }: Pick<Workbench, 'context'>): readonly Demonstration[] =>
  context.train.flatMap((example) => {
    const answer = example.targets[0] ?? '';
    return isWhole(answer) && canBeShown(context.task.template, example, longestRow) ? [{ example, answer }] : [];
  });

/** What the model answered to a row where it was right, prompt by prompt. */
export const rightAnswers = ({ book }: Workbench, row: ExampleId, prompts: readonly Candidate[]): readonly string[] =>
  prompts.flatMap(({ id }) => {
    const result = book.result(id, row);
    return result?.type === 'answered' && result.outcome === 'right' ? [result.answer.trim()] : [];
  });

/**
 * The rows that the model got right under any of these prompts, each with the model's own answer: it shows the form that the model
 * writes by itself, reasoning included. The answer under the first prompt that got the row right is taken.
 */
export const ownAnswers = (bench: Workbench, prompts: readonly Candidate[]): readonly Demonstration[] =>
  bench.context.train.flatMap((example) => {
    if (!canBeShown(bench.context.task.template, example, longestRow)) return [];
    const answer = rightAnswers(bench, example.id, prompts).find((own) => isWhole(own) && !own.includes('{{'));
    return answer === undefined ? [] : [{ example, answer }];
  });

/**
 * Draws so many demonstrations, in random order; fewer where the pool has fewer.
 * @param spread as many different right answers as possible, so that the set does not lean to one of them.
 */
export function drawDemonstrations(
  pool: readonly Demonstration[],
  count: number,
  random: Random,
  spread: boolean,
): readonly Demonstration[] {
  const mixed = random.shuffle(pool);
  if (!spread) return mixed.slice(0, count);
  const turns = new Map<string, number>();
  const inTurns = mixed.map((shown) => {
    const target = shown.example.targets[0] ?? '';
    const turn = turns.get(target) ?? 0;
    turns.set(target, turn + 1);
    return { shown, turn };
  });
  const drawn = inTurns.sort((a, b) => a.turn - b.turn).slice(0, count);
  return random.shuffle(drawn.map(({ shown }) => shown));
}

/**
 * Draws from the model's own right answers, and fills up with labelled rows where there are too few of them.
 * @param fill whether to fill up.
 */
export function drawFilled(
  own: readonly Demonstration[],
  labelled: readonly Demonstration[],
  count: number,
  random: Random,
  { spread, fill }: { readonly spread: boolean; readonly fill: boolean },
): readonly Demonstration[] {
  const first = drawDemonstrations(own, count, random, spread);
  if (!fill || first.length >= count) return first;
  const shown = new Set(first.map(({ example }) => example.id));
  const rest = labelled.filter(({ example }) => !shown.has(example.id));
  return [...first, ...drawDemonstrations(rest, count - first.length, random, spread)];
}

/** The demonstrations of a candidate once more, with the answers that they show. */
export const demonstrationsOf = (
  candidate: Candidate,
  { train, task }: Pick<OptimizerContext, 'train' | 'task'>,
): readonly Demonstration[] => demonstrationsIn(candidate, train, task.template);

/** A prompt with other demonstrations below its instruction. */
export const withOthers = (
  bench: Workbench,
  parent: Candidate,
  demonstrations: readonly Demonstration[],
  origin: { readonly round: number; readonly operator: string; readonly why: string },
): Candidate =>
  candidateWith(instructionOf(parent), demonstrations, bench.context.task.template, {
    type: 'proposal',
    parents: [parent.id],
    ...origin,
  });
