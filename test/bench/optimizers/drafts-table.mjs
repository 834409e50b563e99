// @ts-check
// What came of the drafts, by the way in which the generator was asked; and which rows tell best what a new prompt is worth.
import { taskInterval } from './compare.mjs';
import { percent, pointsWithin } from './figures.mjs';
import { shuffled } from './random.mjs';
import { latest } from './results.mjs';

/** @typedef {{ right: string, probability: readonly (number | null)[] }} Answers */
/** @typedef {import('./results.mjs').Result & { method: string, trainRows: number, shown: readonly number[], parent: Answers, child?: Answers }} DraftLine */

const mean = (/** @type {readonly number[]} */ list) => list.reduce((sum, value) => sum + value, 0) / list.length;

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

/** @param {readonly DraftLine[]} lines */
export function draftsTables(lines) {
  if (lines.length === 0) return 'No draft was asked for yet.\n';
  const kept = /** @type {DraftLine[]} */ (latest(lines));
  return [waysTable(kept), pairsTable(kept), screeningTable(kept)].join('\n');
}

/** @param {readonly DraftLine[]} lines */
function waysTable(lines) {
  const rows = [...new Set(lines.map(({ method }) => method))].sort().map((way) => {
    const list = lines.filter(({ method }) => method === way);
    const usable = list.filter(({ child }) => child);
    const before = usable.map((line) => shareOf(line.parent, testRows(line)));
    const better = usable.filter((line) => gain(line) > 1e-9);
    const share = (/** @type {readonly number[]} */ shares) => (shares.length > 0 ? percent(mean(shares)) : '');
    return `| ${way} | ${list.length} | ${usable.length} | ${share(before)} | ${share(usable.map(worth))} | ${better.length} | ${percent(mean(list.map(gain)))} |`;
  });
  return [
    'On rows that the generator was not shown, %. The ways were tried on different scenes: only the next table compares them',
    '',
    '| way | drafts | usable | the best prompt before these | they | better than it | won with a draft |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Which ways differ in what they tell. */
const pairs = /** @type {const} */ ([
  ['reflect', 'reflect, beside another prompt'],
  ['reflect', 'reflect of PACER 13'],
  ['contrast', 'contrast of PACER 13'],
  ['contrast', 'contrast, its own examples'],
  ['origin', 'contrast, its own examples'],
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
    const won = both.map(({ line, other }) => ({ task: line.task, value: gain(line) - gain(other) }));
    const count = (/** @type {'line' | 'other'} */ which) => both.filter((pair) => pair[which].child).length;
    return [
      `| ${a} | ${b} | ${both.length} | ${count('line')} | ${count('other')} | ${pointsWithin(taskInterval(won))} |`,
    ];
  });
  return [
    'Two ways on the same scenes: usable drafts of each, and by how many points the first wins more (t interval over the tasks)',
    '',
    '| way | against | scenes | usable | of the other | won more |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Draws of rows for each draft. */
const draws = 500;
/** Rows of PACER's first comparison. */
const firstRows = 3;

/**
 * Whether few rows tell a better new prompt from a worse one, by which rows they are: some that the generator was shown, some that it was
 * not, or first some that the old prompt fails on. As in a race, a new prompt passes when it is graded higher. All kinds of the same drafts:
 * those that were shown rows enough.
 * @param {readonly DraftLine[]} lines
 */
function screeningTable(lines) {
  let seed = 0;
  const sample = (/** @type {readonly number[]} */ rows, /** @type {number} */ count) =>
    shuffled(rows, seed++).slice(0, count);
  const list = lines.filter(({ child, shown }) => child && shown.length >= firstRows);
  const unshown = (/** @type {DraftLine} */ { trainRows, shown }) =>
    [...Array(trainRows).keys()].filter((row) => !shown.includes(row));
  /** @type {Record<string, (line: DraftLine) => readonly number[]>} */
  const kinds = {
    shown: ({ shown }) => sample(shown, firstRows),
    'not shown': (line) => sample(unshown(line), firstRows),
    'not shown, first two that the old prompt fails on': (line) => {
      const failing = sample(
        unshown(line).filter((row) => line.parent.right[row] === '0'),
        2,
      );
      const others = unshown(line).filter((row) => !failing.includes(row));
      return [...failing, ...sample(others, firstRows - failing.length)];
    },
    'any train rows': ({ trainRows }) => sample([...Array(trainRows).keys()], firstRows),
  };
  const truth = (/** @type {DraftLine} */ line) => worth(line) - shareOf(line.parent, testRows(line));
  const better = list.filter((line) => truth(line) > 1e-9);
  const worse = list.filter((line) => truth(line) < -1e-9);
  const rows = Object.entries(kinds).map(([kind, pick]) => {
    const passing = (/** @type {readonly DraftLine[]} */ some) =>
      mean(
        some.map((line) => {
          let passed = 0;
          for (let draw = 0; draw < draws; draw++) {
            const picked = pick(line);
            const { parent, child = parent } = line;
            passed += Number(mean(picked.map((row) => grade(child, row) - grade(parent, row))) > 0);
          }
          return passed / draws;
        }),
      );
    const [hits, misses] = [passing(better), passing(worse)];
    return `| ${kind} | ${percent(hits)} | ${percent(misses)} | ${percent(hits - misses)} |`;
  });
  return [
    `Which ${firstRows} rows tell a better prompt from a worse one: ${better.length} drafts that are better than the prompt before and ${worse.length} that are worse, ${draws} draws each, %`,
    '',
    '| rows | better ones that pass | worse ones that pass | difference |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
