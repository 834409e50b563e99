import { play, runHistory, type Course } from './run-history.ts';
import { shrink, turned } from './shrink.ts';

/** How many histories run with every test, in all. */
const histories = 10_000;

/** Histories that a person wants to look at: `SEED=123 npx vitest run --project simulator` plays one and prints its course. */
const wanted = process.env['SEED'];

/** Of how many parts this is which one; each file takes one, so that they run side by side. */
export const seedsOf = (part: number, parts: number): readonly number[] => {
  if (wanted !== undefined) return part === 0 ? [Number(wanted)] : [];
  return Array.from({ length: histories }, (_, index) => index + 1).filter((seed) => seed % parts === part);
};

const isWanted = wanted !== undefined;

/** A broken promise as a person can look into it: the seed, the knobs that matter, and how it came. */
export async function reportOf({ knobs, violations, trace }: Course): Promise<string> {
  Error.stackTraceLimit = 0;
  const [first] = violations;
  if (!first) return '';
  const least = await shrink(knobs, first.promise);
  const shortest = await play(least);
  const at = shortest.trace.findIndex((line) => line.includes('!!'));
  return [
    `Seed ${knobs.seed}: ${violations.map(({ promise, what }) => `${promise}: ${what}`).join('\n  ')}`,
    `Shrunk: ${JSON.stringify(turned(least))}`,
    ...(shortest.trace.length > 0 ? shortest.trace : trace).slice(Math.max(0, at - 30), at + 1),
  ].join('\n');
}

/** Plays these histories; the report of the first that broke a promise, or nothing. */
export async function firstBroken(seeds: readonly number[]): Promise<string | undefined> {
  // a stack is never looked at, and costs more than the error itself
  Error.stackTraceLimit = 0;
  for (const seed of seeds) {
    const course = await runHistory(seed);
    if (isWanted) process.stdout.write(`${JSON.stringify(course.knobs)}\n${course.trace.join('\n')}\n`);
    if (course.violations.length > 0) return reportOf(course);
  }
  return undefined;
}
