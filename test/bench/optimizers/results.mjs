// @ts-check
// One line of JSON for each run, added when the run is done.
import { appendFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

/** What makes a run this run and no other. */
const cellParts = /** @type {const} */ (['task', 'method', 'seed', 'budget', 'model', 'generator', 'start']);

/** @typedef {{ task: string, method: string, seed: number, budget: number, model: string, generator: string, start: string }} Cell */
/** @typedef {Cell & Record<string, any>} Result */
/**
 * @typedef {object} Conditions
 * @property {ReturnType<import('./methods.mjs').Method['of']>} settings
 * @property {import('./proxy.mjs').Shape} shape
 * @property {number} testRows
 * @property {string | undefined} version  of an optimizer of ours
 * @property {string | undefined} [since]  what was made before was made in another way (methods.mjs)
 */

/** A file in the folder of the results. @param {string} name */
export const fileOf = (name) => fileURLToPath(new URL(`../results/${name}`, import.meta.url));

/** @param {Cell} a @param {Cell} b */
export const isSame = (a, b) => cellParts.every((part) => a[part] === b[part]);

/**
 * Whether a kept result was made under these conditions: the same settings, lengths and test rows, and the same version of ours. One that
 * was not is made again.
 * @param {Result} result @param {Conditions} wanted
 */
export function isUnder(result, { settings, shape, testRows, version, since }) {
  const [optimizer] = settings.kind === 'ours' ? [settings.optimizer] : [];
  return (
    isDeepStrictEqual(result['settings'], plain(settings)) &&
    isDeepStrictEqual(result['shape'], plain(shape)) &&
    result['test'].n === testRows &&
    (since === undefined || Date.parse(result['date']) >= Date.parse(since)) &&
    (optimizer === undefined || result['versions'][optimizer] === version)
  );
}

/** As it is read back from a file. @param {unknown} value */
const plain = (value) => JSON.parse(JSON.stringify(value));

/** The last result of each run: one that was made again stands behind the old one. @param {readonly Result[]} results */
export const latest = (results) =>
  results.filter((result, place) => !results.slice(place + 1).some((later) => isSame(later, result)));

/**
 * Every combination, in the order in which they are run: seed by seed, so that a stop leaves whole comparisons behind.
 * @param {{ tasks: readonly string[], methods: readonly string[], seeds: readonly number[], budgets: readonly number[] }} wanted
 * @param {Pick<Cell, 'model' | 'generator' | 'start'>} setting
 * @returns {Cell[]}
 */
export const cellsOf = ({ tasks, methods, seeds, budgets }, setting) =>
  budgets.flatMap((budget) =>
    seeds.flatMap((seed) =>
      tasks.flatMap((task) => methods.map((method) => ({ task, method, seed, budget, ...setting }))),
    ),
  );

/** What is kept; a last line that was cut off by a kill is left out. @param {string} file @returns {Promise<Result[]>} */
export async function readResults(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

/** @param {string} file @param {Result} result */
export async function appendResult(file, result) {
  const text = await readFile(file, 'utf8').catch(() => '');
  await appendFile(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${JSON.stringify(result)}\n`);
}
