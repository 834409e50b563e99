// @ts-check
// What came of the drafts, by the way in which the generator was asked; and which rows tell best what a new prompt is worth.
import jStat from 'jstat';
import { randomFrom } from './random.mjs';

/** @typedef {{ right: string, probability: readonly (number | null)[] }} Answers */
/** @typedef {import('./results.mjs').Result & { method: string, trainRows: number, shown: readonly number[], parent: Answers, child?: Answers }} DraftLine */

const mean = (/** @type {readonly number[]} */ list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const points = (/** @type {number} */ share) => (100 * share).toFixed(1);

/** @param {Answers} answers @param {readonly number[]} rows */
const shareOf = ({ right }, rows) => mean(rows.map((row) => Number(right[row])));
/** As PACER grades a row. @param {Answers} answers @param {number} row */
const grade = ({ right, probability }, row) =>
  0.8 * Number(right[row]) + 0.2 * (probability[row] ?? Number(right[row]));

/** @param {DraftLine} line */
const testRows = ({ parent, trainRows }) => [...parent.right].map((_, row) => row).slice(trainRows);
/** What the prompt that came of it is worth; that of the old one where nothing came. @param {DraftLine} line */
const worth = (line) => shareOf(line.child ?? line.parent, testRows(line));
/** What a search can win with it, as it may keep the old one. @param {DraftLine} line */
const gain = (line) => Math.max(0, worth(line) - shareOf(line.parent, testRows(line)));

/** @param {readonly number[]} list */
function withInterval(list) {
  if (list.length < 2) return '';
  const value = mean(list);
  const error = Math.sqrt(list.reduce((sum, each) => sum + (each - value) ** 2, 0) / (list.length - 1) / list.length);
  const half = jStat.studentt.inv(0.975, list.length - 1) * error;
  const signed = (/** @type {number} */ share) => (share >= 0 ? '+' : '−') + points(Math.abs(share));
  return `${signed(value)} [${signed(value - half)}, ${signed(value + half)}]`;
}

/** @param {readonly DraftLine[]} lines */
export function draftsTables(lines) {
  if (lines.length === 0) return 'No draft was asked for yet.\n';
  return [waysTable(lines), pairsTable(lines), screeningTable(lines)].join('\n');
}

/** @param {readonly DraftLine[]} lines */
function waysTable(lines) {
  const rows = [...new Set(lines.map(({ method }) => method))].map((way) => {
    const list = lines.filter(({ method }) => method === way);
    const usable = list.filter(({ child }) => child);
    const before = list.map((line) => shareOf(line.parent, testRows(line)));
    const better = usable.filter((line) => gain(line) > 1e-9);
    return `| ${way} | ${list.length} | ${usable.length} | ${points(mean(before))} | ${points(mean(usable.map(worth)))} | ${better.length} | ${points(mean(list.map(gain)))} |`;
  });
  return [
    'On rows that the generator was not shown, %',
    '',
    '| way | drafts | usable | best prompt before | new prompt | better than it | won with it |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Which ways differ in one thing. */
const pairs = /** @type {const} */ ([
  ['reflect', 'reflect, beside another prompt'],
  ['reflect', 'reflect of PACER 13'],
  ['contrast', 'contrast of PACER 13'],
  ['contrast', 'contrast, its own examples'],
  ['origin', 'contrast'],
]);

/** @param {readonly DraftLine[]} lines */
function pairsTable(lines) {
  const rows = pairs.flatMap(([a, b]) => {
    const both = lines.flatMap((line) => {
      const other = lines.find(({ method, task, seed }) => method === b && task === line.task && seed === line.seed);
      return line.method === a && other ? [{ line, other }] : [];
    });
    if (both.length < 2) return [];
    const of = (/** @type {(line: DraftLine) => number} */ value) =>
      both.map(({ line, other }) => value(line) - value(other));
    const usable = both.filter(({ line, other }) => line.child && other.child);
    const written = usable.map(({ line, other }) => worth(line) - worth(other));
    return [`| ${a}, against ${b} | ${both.length} | ${withInterval(written)} | ${withInterval(of(gain))} |`];
  });
  return [
    'The same prompts and results told in two ways, points (t interval over the scenes)',
    '',
    '| ways | scenes | new prompt, where both are usable | won with it |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Draws of rows for each draft. */
const draws = 200;

/**
 * Whether few rows tell a better new prompt from a worse one, by which rows they are: some that the generator was shown, some that it was
 * not, or first some that the old prompt fails on. As in a race, a new prompt passes when it is graded higher.
 * @param {readonly DraftLine[]} lines
 */
function screeningTable(lines) {
  const random = randomFrom(1);
  const list = lines.filter(({ child, shown }) => child && shown.length > 0);
  /** @type {Record<string, (line: DraftLine, count: number) => readonly number[]>} */
  const kinds = {
    'shown rows': ({ shown }, count) => sample(shown, count),
    'rows not shown': (line, count) => sample(unshown(line), count),
    'half of them rows that the old prompt fails on, none shown': (line, count) => {
      const failing = unshown(line).filter((row) => line.parent.right[row] === '0');
      const first = sample(failing, Math.ceil(count / 2));
      return [
        ...first,
        ...sample(
          unshown(line).filter((row) => !first.includes(row)),
          count - first.length,
        ),
      ];
    },
    'any train rows': ({ trainRows }, count) => sample([...Array(trainRows).keys()], count),
  };
  /** @param {readonly number[]} rows @param {number} count */
  function sample(rows, count) {
    const left = [...rows];
    /** @type {number[]} */
    const found = [];
    while (found.length < count && left.length > 0) found.push(...left.splice(Math.floor(random() * left.length), 1));
    return found;
  }
  const unshown = (/** @type {DraftLine} */ { trainRows, shown }) =>
    [...Array(trainRows).keys()].filter((row) => !shown.includes(row));
  const rows = Object.entries(kinds).flatMap(([kind, pick]) =>
    [3, 6].map((count) => {
      let [better, betterPassed, worse, worsePassed] = [0, 0, 0, 0];
      /** @type {number[]} */
      const seeming = [];
      for (const line of list) {
        const { parent, child = parent } = line;
        const truth = worth(line) - shareOf(parent, testRows(line));
        for (let draw = 0; draw < draws; draw++) {
          const picked = pick(line, count);
          if (picked.length < Math.min(count, 3)) continue;
          const lead = mean(picked.map((row) => grade(child, row) - grade(parent, row)));
          seeming.push(shareOf(child, picked) - shareOf(parent, picked) - truth);
          if (truth > 1e-9) [better, betterPassed] = [better + 1, betterPassed + Number(lead > 0)];
          if (truth < -1e-9) [worse, worsePassed] = [worse + 1, worsePassed + Number(lead > 0)];
        }
      }
      const [hits, misses] = [betterPassed / better, worsePassed / worse];
      return `| ${kind} | ${count} | ${points(mean(seeming))} | ${points(hits)} | ${points(misses)} | ${points(hits - misses)} |`;
    }),
  );
  return [
    `Which rows tell a better prompt from a worse one: ${list.length} drafts, ${draws} draws each, %`,
    '',
    '| rows | how many | seems better by, points | better ones that pass | worse ones that pass | difference |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
