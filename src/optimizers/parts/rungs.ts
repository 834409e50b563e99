/** One step of a race: so many prompts enter it, are known on so many rows after it, and go on. */
export type Rung = { readonly enter: number; readonly rows: number; readonly stay: number };

/** The rows double from the first rung and the worse half leaves each time; who is left alone is brought to all rows. */
export function rungsFrom(first: number, count: number, rows: number): readonly Rung[] {
  const rungs: Rung[] = [];
  for (let enter = count, known = 0; count > 0 && known < rows; enter = Math.ceil(enter / 2)) {
    known = enter === 1 ? rows : Math.min(rows, known === 0 ? first : 2 * known);
    rungs.push({ enter, rows: known, stay: known === rows ? enter : Math.ceil(enter / 2) });
  }
  return rungs;
}

/** Rows of the first rung of a race that is planned from its end: with fewer, chance decides alone. */
const fewest = 5;

/** The same from the other end: the first rung is as large as lets the rows of all be reached with `last` prompts. */
export function rungsTo(last: number, count: number, rows: number): readonly Rung[] {
  const depth = Math.max(0, Math.ceil(Math.log2(count / Math.max(1, last))));
  const rungs: Rung[] = [];
  let enter = count;
  let known = Math.min(rows, Math.max(fewest, Math.ceil(rows / 2 ** depth)));
  while (enter > last && known < rows) {
    const stay = Math.ceil(enter / 2);
    rungs.push({ enter, rows: known, stay });
    enter = stay;
    known = Math.min(rows, known * 2);
  }
  return [...rungs, { enter, rows, stay: enter }];
}

/** Cells that a race takes of prompts without any result. */
export const cellsOf = (rungs: readonly Rung[]): number =>
  rungs.reduce((sum, { enter, rows }, index) => sum + enter * (rows - (rungs[index - 1]?.rows ?? 0)), 0);
