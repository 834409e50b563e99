import type { ExampleId } from '#core/id.ts';
import { isInDoubt } from '#core/label-audit.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { exampleBlock, labelledBlock, promptBlock } from '../parts/meta-prompt-blocks.ts';
import type { Workbench } from '../parts/workbench.ts';

/** What the generator is shown of the results. Pure; rows come from the train side alone. */

/** Characters of an input that the generator is shown. */
const shownInput = 400;

const isRight = (bench: Workbench, candidate: Candidate, row: ExampleId): boolean => {
  const found = bench.book.result(candidate.id, row);
  return found?.type === 'answered' && found.outcome === 'right';
};

/** Rows that a candidate answered, by how far it was from the right answer: the worst first. */
const byTrouble = (bench: Workbench, candidate: Candidate): readonly ExampleId[] =>
  [...bench.book.rows(candidate.id)].sort(
    (a, b) => (bench.book.grade(candidate.id, a) ?? 0) - (bench.book.grade(candidate.id, b) ?? 0) || (a < b ? -1 : 1),
  );

/** Of so large a share of the rows the labels are seldom wrong: then something else goes wrong, and has to be seen. */
const mostDoubtful = 0.2;

/**
 * Those of the rows that every prompt gets wrong, and holds the right answer to be unlikely: their labels may be wrong, and a generator
 * would learn to copy the error. None where they are many.
 */
export function doubtfulRows(bench: Workbench, rows: readonly ExampleId[]): ReadonlySet<ExampleId> {
  const { book } = bench;
  const able = bench.candidates().filter(({ id }) => (book.accuracy(id)?.value ?? 0) > 0);
  const doubtful = rows.filter((row) => isInDoubt(able.flatMap(({ id }) => book.result(id, row) ?? [])));
  return new Set(doubtful.length > mostDoubtful * rows.length ? [] : doubtful);
}

/** Up to `count` wrong rows, of different confusions first; by chance among the worse half, so that they differ from round to round. */
export function wrongRows(bench: Workbench, candidate: Candidate, count: number, random: Random): readonly ExampleId[] {
  const doubtful = doubtfulRows(bench, bench.book.rows(candidate.id));
  const wrong = byTrouble(bench, candidate).filter((row) => !isRight(bench, candidate, row) && !doubtful.has(row));
  const pool = random.shuffle(wrong.slice(0, Math.max(count * 2, Math.ceil(wrong.length / 2))));
  const seen = new Set<string>();
  const fresh = pool.filter((row) => {
    const confusion = confusionOf(bench, candidate, row);
    return !seen.has(confusion) && seen.add(confusion);
  });
  return [...fresh, ...pool.filter((row) => !fresh.includes(row))].slice(0, count);
}

/** Right rows, the least certain first. */
export const uncertainRows = (bench: Workbench, candidate: Candidate, count: number): readonly ExampleId[] =>
  byTrouble(bench, candidate)
    .filter((row) => isRight(bench, candidate, row))
    .slice(0, count);

/** So many rows: half of them wrong, or at least uncertain, and half of them those that it is surest of (the origin's `best_worst`). */
export function bestAndWorst(
  bench: Workbench,
  candidate: Candidate,
  count: number,
  random: Random,
): readonly ExampleId[] {
  const half = Math.ceil(count / 2);
  const wrong = wrongRows(bench, candidate, half, random);
  const right = uncertainRows(bench, candidate, Infinity);
  const unsure = right.slice(0, half - wrong.length);
  const sure = right.slice(Math.max(unsure.length, right.length - (count - half)));
  return [...wrong, ...unsure, ...sure];
}

/** Rows that the first gets right and the second wrong. One that failed is missing, not wrong. */
export const wonRows = (
  bench: Workbench,
  a: Candidate,
  b: Candidate,
  count: number,
  random: Random,
): readonly ExampleId[] =>
  random
    .shuffle(bench.book.rows(a.id))
    .filter((row) => bench.book.grade(b.id, row) !== undefined && isRight(bench, a, row) && !isRight(bench, b, row))
    .slice(0, count);

function confusionOf(bench: Workbench, candidate: Candidate, row: ExampleId): string {
  const found = bench.book.result(candidate.id, row);
  const read = found?.type === 'answered' ? (found.read ?? found.outcome) : '';
  return `${bench.example(row).targets[0] ?? ''} → ${read}`;
}

/** Rows as the generator sees them, with the answers that the candidate led to. */
export const examplesBlock = (bench: Workbench, candidate: Candidate, rows: readonly ExampleId[]): string =>
  rows
    .flatMap((row) => {
      const result = bench.book.result(candidate.id, row);
      return result ? [exampleBlock({ example: row, result }, bench.example(row), bench.context.task, shownInput)] : [];
    })
    .join('\n\n');

export const pairsBlock = (bench: Workbench, rows: readonly ExampleId[]): string =>
  rows.map((row) => labelledBlock(bench.example(row), bench.context.task, shownInput)).join('\n\n');

/**
 * A prompt with what it reached, on how many rows, and, where it goes wrong in form, one answer that shows it. A race asks few prompts
 * about many rows: four right of five is not more than thirty of forty.
 */
export const candidateBlock = (bench: Workbench, candidate: Candidate): string =>
  promptBlock(bench.book.scored(candidate), { showAnswer: true, counted: true });

/** The most frequent mix-ups of a candidate, as a line; empty where nothing repeats. */
export function confusionsBlock(bench: Workbench, candidate: Candidate): string {
  const counts = new Map<string, number>();
  const rows = bench.book.rows(candidate.id);
  const doubtful = doubtfulRows(bench, rows);
  for (const row of rows)
    if (!isRight(bench, candidate, row) && !doubtful.has(row)) {
      const confusion = confusionOf(bench, candidate, row);
      counts.set(confusion, (counts.get(confusion) ?? 0) + 1);
    }
  const most = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (most.length === 0) return '';
  const words = most.slice(0, 3).map(([confusion, count]) => `${confusion} (${count} times)`);
  return `Its most frequent mistakes, as right answer → answer of the model: ${words.join('; ')}.`;
}
