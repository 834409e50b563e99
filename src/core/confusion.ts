import type { Example } from './example.ts';
import { letterOf } from './example.ts';
import type { ExampleResult } from './evaluation.ts';
import type { ExampleId } from './id.ts';
import { wilson, type Interval } from './statistics/intervals.ts';
import type { AnswerFormat } from './task.ts';

/** The answers of one prompt by what was right and what was read. The diagonal adds up to the right answers, whatever the metric. */
export type Confusion = {
  readonly classes: readonly string[];
  readonly rows: readonly ConfusionRow[];
  /** Answers that were read, but are none of the classes, or not written as the metric wants it. */
  readonly hasOther: boolean;
};
export type ConfusionRow = {
  /** The right answer. */
  readonly label: string;
  /** How often each class was read, in the order of the classes. */
  readonly counts: readonly number[];
  readonly other: number;
  /** Nothing could be read: no answer in it, refused, or cut off. */
  readonly unreadable: number;
  /** No answer came; missing, not wrong. */
  readonly failed: number;
  /** Rows with an answer. */
  readonly n: number;
  /** Share of them that was right, with Wilson's 95 % interval; absent where none was answered. */
  readonly recall?: Interval;
};

/**
 * The confusion matrix of one prompt for tasks whose answers are a few labels or letters; undefined for others, and where none of the
 * rows is known any more.
 */
export function confusionOf(
  results: ReadonlyMap<ExampleId, ExampleResult>,
  examples: ReadonlyMap<ExampleId, Example>,
  format: AnswerFormat,
): Confusion | undefined {
  const classes = classesOf(results, examples, format);
  const placeOf = placesOf(classes);
  const tallies = classes.map(() => ({ counts: classes.map(() => 0), other: 0, unreadable: 0, failed: 0 }));
  let known = false;
  for (const [id, result] of results) {
    const targets = (examples.get(id)?.targets ?? []).flatMap((target) => placeOf(target) ?? []);
    const read = result.type === 'answered' && result.read !== undefined ? placeOf(result.read) : undefined;
    const isRight = result.type === 'answered' && result.outcome === 'right';
    // of several right answers, the one that was given
    const target = targets.find((place) => place === read) ?? targets[0] ?? -1;
    // the metric decides what is right: it may read a label in another way than its letters, or want it to the letter
    const place = isRight ? target : read === target ? undefined : read;
    const tally = tallies[target];
    if (!tally) continue;
    known = true;
    if (result.type === 'failed') tally.failed += 1;
    else if (result.outcome !== 'right' && result.outcome !== 'wrong') tally.unreadable += 1;
    else if (place === undefined) tally.other += 1;
    else tally.counts[place] = (tally.counts[place] ?? 0) + 1;
  }
  if (!known) return undefined;
  const rows = tallies.map((tally, place): ConfusionRow => {
    const n = tally.counts.reduce((sum, count) => sum + count, 0) + tally.other + tally.unreadable;
    return {
      label: classes[place] ?? '',
      ...tally,
      n,
      ...(n > 0 ? { recall: wilson(tally.counts[place] ?? 0, n) } : {}),
    };
  });
  return { classes, rows, hasOther: rows.some(({ other }) => other > 0) };
}

const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
/** As a metric reads it that leaves out marks of emphasis: `card_payment` comes back as `cardpayment`. */
const bare = (text: string): string => plain(text).replace(/[*_`]+/g, '');

/** Finds the class that a text is, where it is one, and one only. */
function placesOf(classes: readonly string[]): (text: string) => number | undefined {
  const whole = new Map(classes.map((label, place) => [plain(label), place]));
  const withoutMarks = classes.map(bare);
  return (text) => {
    const known = whole.get(plain(text));
    if (known !== undefined) return known;
    const place = withoutMarks.indexOf(bare(text));
    return place >= 0 && place === withoutMarks.lastIndexOf(bare(text)) ? place : undefined;
  };
}

function classesOf(
  results: ReadonlyMap<ExampleId, ExampleResult>,
  examples: ReadonlyMap<ExampleId, Example>,
  format: AnswerFormat,
): readonly string[] {
  if (format.type === 'label') return format.labels;
  if (format.type !== 'letter') return [];
  const most = Math.max(0, ...[...results.keys()].map((id) => examples.get(id)?.choices?.length ?? 0));
  return Array.from({ length: most }, (_, place) => letterOf(place));
}

/** With fewer answers, or fewer too many, chance does the same. */
const [leastAnswers, leastTooMany] = [20, 5];
/** So many times as often as it is right: a prompt may have found one label that is right often enough. */
const tooOften = 1.5;

/** A label that is answered far more often than it is right, the one with the most answers too many; undefined where there is none. */
export function overAnswered({
  classes,
  rows,
}: Confusion):
  { readonly label: string; readonly answered: number; readonly right: number; readonly n: number } | undefined {
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  if (n < leastAnswers) return undefined;
  const [most] = classes
    .map((label, place) => ({
      ...{ label, n, right: rows[place]?.n ?? 0 },
      answered: rows.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0),
    }))
    .filter(({ answered, right }) => answered > tooOften * right && answered - right >= leastTooMany)
    .sort((a, b) => b.answered - b.right - (a.answered - a.right));
  return most;
}
