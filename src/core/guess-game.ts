import { createRandom, type Random } from '#lib/random.ts';
import type { Estimate } from './evaluation.ts';
import type { CandidateId } from './id.ts';
import { rowsDone, type RunReport } from './report.ts';

/** "Guess the accuracy": how well a prompt works is hard to see by looking at it, and three guesses show it. */
export type GuessItem = { readonly id: CandidateId; readonly prompt: string; readonly accuracy: Estimate };

const atOnce = 3;
/** Out of so many drawn prompts three are taken: different ones each time, and yet far apart. */
const drawn = 6;
const draws = 12;
/** Shares that are at least this far apart count as clearly different. */
const clear = 0.15;

/**
 * All turns of the game for a run, the same for the same run. No prompt comes twice; what is left over is not used. A race asks few prompts
 * about all rows: where there are not enough of these, those that saw at least half of the rows take part too.
 */
export function guessTurns(report: RunReport): readonly (readonly GuessItem[])[] {
  const most = Math.max(0, ...report.candidates.map(rowsDone));
  const whole = poolOf(report, most);
  let pool = whole.length >= atOnce ? whole : poolOf(report, most / 2);
  const random = createRandom(report.spec.seed).fork('guess the accuracy');
  const turns: (readonly GuessItem[])[] = [];
  while (pool.length >= atOnce) {
    const turn = drawThree(pool, random.fork(`turn ${turns.length}`));
    pool = pool.filter((item) => !turn.includes(item));
    turns.push(turn);
  }
  return turns;
}

const poolOf = ({ candidates }: RunReport, least: number): readonly GuessItem[] =>
  candidates.flatMap((record): GuessItem[] => {
    const { id, prompt } = record.candidate;
    const { accuracy } = record.summaries.train;
    return accuracy && rowsDone(record) >= least ? [{ id, prompt, accuracy }] : [];
  });

/** The widest of a few draws, or the first that is wide enough. */
function drawThree(pool: readonly GuessItem[], random: Random): readonly GuessItem[] {
  let best: readonly GuessItem[] = [];
  for (let i = 0; i < draws && (best.length === 0 || gapOf(best) < clear); i++) {
    const three = spread(random.sample(pool, drawn));
    if (best.length === 0 || gapOf(three) > gapOf(best)) best = three;
  }
  return random.shuffle(best);
}

const value = (item: GuessItem | undefined): number => item?.accuracy.value ?? 0;

/** The lowest, the highest, and the one nearest to the middle between them. */
function spread(items: readonly GuessItem[]): readonly GuessItem[] {
  const order = [...items].sort((a, b) => value(a) - value(b));
  const low = order[0];
  const high = order.at(-1);
  const centre = (value(low) + value(high)) / 2;
  const between = order.slice(1, -1).sort((a, b) => Math.abs(value(a) - centre) - Math.abs(value(b) - centre));
  return [low, between[0], high].flatMap((item) => item ?? []);
}

/** The smaller of the two distances between three neighbours. */
function gapOf(three: readonly GuessItem[]): number {
  const order = three.map(value).sort((a, b) => a - b);
  return Math.min(...order.slice(1).map((share, index) => share - (order[index] ?? 0)));
}

export type GuessLesson =
  /** Guessed below another one, and in truth above it by this much. */
  | { readonly type: 'reversed'; readonly better: GuessItem; readonly worse: GuessItem; readonly gap: number }
  /** Guessed level, and in truth this far apart. */
  | { readonly type: 'level'; readonly better: GuessItem; readonly worse: GuessItem; readonly gap: number }
  /** The order was right, though the longest prompt is not the best one. */
  | { readonly type: 'long-is-not-good'; readonly longest: GuessItem }
  /** The order was wrong only where these rows do not tell the prompts apart. */
  | { readonly type: 'too-close' }
  | { readonly type: 'right-order' };

export type GuessResult = {
  /** Mean distance from the truth, in points of 100. */
  readonly points: number;
  readonly lesson: GuessLesson;
};

/** @param guesses shares 0…1, one for each item. */
export function scoreGuesses(items: readonly GuessItem[], guesses: readonly number[]): GuessResult {
  const errors = items.map((item, index) => Math.abs(value(item) - (guesses[index] ?? 0)));
  return {
    points: (100 * errors.reduce((sum, error) => sum + error, 0)) / Math.max(1, items.length),
    lesson: lessonOf(items, guesses),
  };
}

/** Whether the rows tell the two apart: the interval of their difference is above zero (Newcombe 1998, method 10; not paired). */
const isTold = ({ better, worse, gap }: { better: GuessItem; worse: GuessItem; gap: number }): boolean =>
  gap > Math.hypot(value(better) - better.accuracy.lo, worse.accuracy.hi - value(worse));

function lessonOf(items: readonly GuessItem[], guesses: readonly number[]): GuessLesson {
  const pairs = items
    .flatMap((better, i) =>
      items.map((worse, j) => ({
        better,
        worse,
        gap: value(better) - value(worse),
        lead: (guesses[i] ?? 0) - (guesses[j] ?? 0),
      })),
    )
    .filter(({ gap }) => gap > 0)
    .sort((a, b) => b.gap - a.gap);
  const wrong = pairs.filter(({ lead }) => lead <= 0);
  const told = wrong.filter(isTold);
  const missed = told.find(({ lead }) => lead < 0) ?? told[0];
  if (!missed && wrong.length > 0) return { type: 'too-close' };
  if (missed) {
    const { lead, ...pair } = missed;
    return { type: lead < 0 ? 'reversed' : 'level', ...pair };
  }
  const longest = [...items].sort((a, b) => b.prompt.length - a.prompt.length)[0];
  const best = Math.max(...items.map(value));
  return longest && value(longest) < best ? { type: 'long-is-not-good', longest } : { type: 'right-order' };
}
