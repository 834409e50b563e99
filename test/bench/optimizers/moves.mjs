// @ts-check
// What each of PACER's ways to a new prompt brought in the kept runs: how many prompts were raced, kept, and better than all before.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {object} Moves
 * @property {string} operator
 * @property {number} raced
 * @property {number} kept  to build on
 * @property {number} best  became the best so far
 * @property {number} rows  that they were asked about, in all
 */

/** @typedef {{ run: string, version: number, task: string, moves: Moves[] }} RunMoves */

/**
 * Of each run that has ended.
 * @param {string} folder  of the runs; the name of each begins with its method
 * @param {(name: string) => boolean} isWanted
 * @returns {Promise<RunMoves[]>}
 */
export async function tallyMoves(folder, isWanted) {
  /** @type {RunMoves[]} */
  const found = [];
  for (const run of (await readdir(folder)).filter(isWanted).sort()) {
    const text = await readFile(join(folder, run, 'run.json'), 'utf8').catch(() => undefined);
    const events = text === undefined ? [] : JSON.parse(text).entries.map((/** @type {any} */ { event }) => event);
    if (!events.some((/** @type {any} */ { type }) => type === 'run-ended')) continue;
    const { spec } = events.find((/** @type {any} */ { type }) => type === 'run-started');
    found.push({
      run,
      version: spec.optimizer.version,
      task: /^pacer(?:-(?:restarts|without|short|bare))?-([a-z_0-9]+)-/.exec(run)?.[1] ?? '',
      moves: movesOf(events),
    });
  }
  return found;
}

/** @param {readonly any[]} events  of one run @returns {Moves[]} */
function movesOf(events) {
  /** @type {Map<string, Moves>} */
  const found = new Map();
  /** @type {Map<string, number>} */
  const rows = new Map();
  for (const { type, candidate } of events)
    if (type === 'example-evaluated') rows.set(candidate, (rows.get(candidate) ?? 0) + 1);
  const facts = events.flatMap(({ type, fact }) => (type === 'search' ? [fact] : []));
  /** @type {Map<string, string>} */
  const operators = new Map();
  for (const { type, candidate } of facts)
    if (type === 'candidate-proposed') operators.set(candidate.id, candidate.origin.operator ?? '');
  for (const [place, { type, candidate, accepted, round }] of facts.entries()) {
    const operator = operators.get(candidate);
    if (type !== 'proposal-judged' || operator === undefined) continue;
    const tally = found.get(operator) ?? { operator, raced: 0, kept: 0, best: 0, rows: 0 };
    found.set(operator, tally);
    // the archive names the best first, right behind the judgement that changed it
    const next = facts[place + 1];
    const isBest = next?.type === 'archive-changed' && next.round === round && next.residents[0] === candidate;
    tally.raced += 1;
    tally.kept += Number(accepted);
    tally.best += Number(accepted && isBest);
    tally.rows += rows.get(candidate) ?? 0;
  }
  return [...found.values()];
}

/** Kept tallies, with those of runs that were made since in place of their own. @param {readonly RunMoves[]} kept @param {readonly RunMoves[]} fresh */
export const withFresh = (kept, fresh) => {
  const name = (/** @type {RunMoves} */ { run, version }) => `${run} ${version}`;
  const there = new Set(fresh.map(name));
  return [...kept.filter((tally) => !there.has(name(tally))), ...fresh].sort((a, b) => (name(a) < name(b) ? -1 : 1));
};

/** The newest version by itself, all before it together. @param {readonly RunMoves[]} tallies */
export function movesTables(tallies) {
  const newest = Math.max(...tallies.map(({ version }) => version));
  const [earlier, now] = [
    tallies.filter(({ version }) => version < newest),
    tallies.filter(({ version }) => version === newest),
  ];
  return [earlier, now].flatMap((group) => (group.length > 0 ? [movesTable(group)] : [])).join('\n');
}

/** @param {readonly RunMoves[]} tallies */
function movesTable(tallies) {
  const versions = [...new Set(tallies.map(({ version }) => version))].sort((a, b) => a - b);
  const tasks = [...new Set(tallies.map(({ task }) => task))].sort();
  const all = tallies.flatMap(({ moves }) => moves);
  const sum = (/** @type {string} */ operator, /** @type {'raced' | 'kept' | 'best' | 'rows'} */ part) =>
    all.filter((move) => move.operator === operator).reduce((total, move) => total + move[part], 0);
  const share = (/** @type {number} */ part, /** @type {number} */ of) =>
    `${part} (${((100 * part) / of).toFixed(1)} %)`;
  const lines = [...new Set(all.map(({ operator }) => operator))]
    .map((operator) => ({ operator, raced: sum(operator, 'raced') }))
    .sort((a, b) => b.raced - a.raced)
    .map(
      ({ operator, raced }) =>
        `| ${operator} | ${raced} | ${share(sum(operator, 'kept'), raced)} | ${share(sum(operator, 'best'), raced)} | ${(sum(operator, 'rows') / raced).toFixed(1)} |`,
    );
  return [
    `PACER ${versions.join(', ')}, ${tallies.length} runs on ${tasks.join(', ')}`,
    '',
    '| way to a new prompt | raced | kept | the best so far | rows asked, each |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
