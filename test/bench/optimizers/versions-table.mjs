// @ts-check
// What runs say that were made more than once, since all lines are kept: whether a version of ours is better than an earlier one, and how
// far two runs of a peer are apart.
import { accuracyOf, taskInterval, titleOf } from './compare.mjs';
import { percent, pointsWithin } from './figures.mjs';

/** @typedef {import('./results.mjs').Result} Result */

/** The version of ours that a run was made with; undefined for others. @param {Result} result @returns {string | undefined} */
const versionOf = ({ settings, versions }) => (settings?.kind === 'ours' ? versions?.[settings.optimizer] : undefined);

/** What two versions must have in common to be compared. @param {Result} result */
const cellName = ({ task, method, seed, budget, model, generator, start, settings, test }) =>
  JSON.stringify([task, method, seed, budget, model, generator, start, settings, test.n]);

/** A run on the same rows, whatever its settings. @param {Result} result */
const placeName = ({ task, seed, test }) => JSON.stringify([task, seed, test.n]);

/** What is one line of the table. @param {Result} result */
const groupName = ({ method, budget, model, generator, start }) =>
  JSON.stringify([method, budget, model, generator, start]);

/**
 * The newest version of each method of ours against the earlier ones, in the runs that both have, over two tasks at least.
 * @param {readonly Result[]} all  those that were made again since, too
 */
export function versionsTable(all) {
  const ours = all.filter((result) => versionOf(result) !== undefined);
  const lines = [...new Set(ours.map(groupName))].flatMap((name) => {
    const group = ours.filter((result) => groupName(result) === name);
    const versions = [...new Set(group.map((result) => Number(versionOf(result))))].sort((a, b) => b - a);
    const [newest, ...earlier] = versions;
    return earlier.flatMap((version) => lineOf(group, String(newest), String(version)));
  });
  if (lines.length === 0) return '';
  return [
    'The newest version of ours against earlier ones, in the same runs:',
    '',
    '| method | calls | versions | runs | newer, % | earlier, % | newer minus earlier, points |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** @param {readonly Result[]} group @param {string} newest @param {string} version @returns {string[]} */
function lineOf(group, newest, version) {
  const pairs = lastOf(group, newest).flatMap((newer) => {
    const older = lastOf(group, version).find((result) => cellName(result) === cellName(newer));
    return older ? [{ task: newer.task, newer: accuracyOf(newer), older: accuracyOf(older) }] : [];
  });
  const tasks = new Set(pairs.map(({ task }) => task)).size;
  const [first] = group;
  if (tasks < 2 || !first) return [];
  const over = (/** @type {(pair: { newer: number, older: number }) => number} */ of) =>
    taskInterval(pairs.map((pair) => ({ task: pair.task, value: of(pair) })));
  return [
    `| ${[
      ...[titleOf(first.method), first.budget, `${newest} / ${version}`, `${pairs.length} on ${tasks} tasks`],
      ...[percent(over(({ newer }) => newer).value), percent(over(({ older }) => older).value)],
      pointsWithin(over(({ newer, older }) => newer - older)),
    ].join(' | ')} |`,
  ];
}

/**
 * Runs of peers that were made again, with other texts of the generator: how much of a result is the luck of these.
 * @param {readonly Result[]} all  those that were made again since, too
 */
export function againTable(all) {
  const peers = all.filter(({ settings }) => settings?.kind === 'peer');
  const lines = [...new Set(peers.map(groupName))].flatMap((name) => {
    const group = peers.filter((result) => groupName(result) === name);
    const cells = [...new Set(group.map(placeName))].map((cell) =>
      group.filter((result) => placeName(result) === cell).map((result) => ({ result, share: accuracyOf(result) })),
    );
    const twice = cells.flatMap((runs) => {
      const [before, last] = runs.slice(-2);
      return before && last ? [{ task: last.result.task, before: before.share, last: last.share }] : [];
    });
    const [first] = group;
    if (twice.length < 2 || !first) return [];
    const over = (/** @type {(pair: { before: number, last: number }) => number} */ of) =>
      percent(taskInterval(twice.map((pair) => ({ task: pair.task, value: of(pair) }))).value);
    const apart = twice.map(({ before, last }) => Math.abs(last - before));
    return [
      `| ${[
        ...[
          titleOf(first.method),
          first.budget,
          `${twice.length} on ${new Set(twice.map(({ task }) => task)).size} tasks`,
        ],
        ...[
          over(({ before }) => before),
          over(({ last }) => last),
          over(({ before, last }) => Math.abs(last - before)),
        ],
        percent(Math.max(...apart)),
      ].join(' | ')} |`,
    ];
  });
  if (lines.length === 0) return '';
  return [
    'Runs of peers that were made again, the last two times (what changed in between is told in docs/optimizers.md):',
    '',
    '| method | calls | runs | before, % | last, % | apart, points, mean | at the most |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** The last run of each cell with this version. @param {readonly Result[]} group @param {string} version */
const lastOf = (group, version) => [
  ...new Map(
    group.filter((result) => versionOf(result) === version).map((result) => [cellName(result), result]),
  ).values(),
];
