// @ts-check
// What the results say: each method against ours, cell by cell. A cell is a task with a seed; seeds of one task are not independent of
// each other, so intervals come from the tasks, not the cells.
import jStat from 'jstat';
import { methods } from './methods.mjs';

/** @typedef {import('./results.mjs').Result} Result */
/** @typedef {{ value: number, lo: number, hi: number }} Interval */
/**
 * @typedef {object} Line  one method with one budget, model and start
 * @property {string} method
 * @property {string} title
 * @property {number} tasks
 * @property {number} cells
 * @property {number} accuracy  mean over tasks of the mean over seeds
 * @property {Interval | undefined} ours  accuracy of ours minus that of the method, over the cells that both have
 * @property {number | undefined} same  accuracy of ours over these cells
 * @property {{ won: number, tied: number, lost: number }} signs  cells that ours has won against it
 * @property {number | undefined} optimism  own score minus accuracy on the test rows, mean
 * @property {Record<'evaluationCalls' | 'generatorCalls' | 'tokensIn' | 'tokensOut', number>} mean
 */
/** @typedef {{ model: string, generator: string, start: string, budget: number, ours: string, tasks: string[], lines: Line[], results: Result[] }} Group */

export const accuracyOf = (/** @type {Result} */ { test }) => test.right / test.n;
/** A variant of ours that was tried, and no method that takes part. */
export const isIdea = (/** @type {string} */ method) => methods[method]?.idea === true;
export const titleOf = (/** @type {string} */ method) => methods[method]?.title ?? method;
const mean = (/** @type {readonly number[]} */ list) => list.reduce((sum, value) => sum + value, 0) / list.length;
/** Two accuracies of the same rows that differ by less than this are the same number. */
const rounding = 1e-9;

/**
 * Results that can be compared with each other: the same models, starting prompts and budget.
 * @param {readonly Result[]} results @param {string} [ours] @returns {Group[]}
 */
export function groupsOf(results, ours) {
  return [...new Set(results.map(groupKey))].map((key) => {
    const list = results.filter((result) => groupKey(result) === key);
    const first = /** @type {Result} */ (list[0]);
    const reference =
      [ours, 'pacer', 'contrastive'].find((name) => list.some(({ method }) => method === name)) ?? first.method;
    const names = [...new Set(list.map(({ method }) => method))];
    const lines = names.map((method) =>
      lineOf(
        list.filter((result) => result.method === method),
        list.filter((result) => result.method === reference),
      ),
    );
    return {
      ...{ model: first.model, generator: first.generator, start: first.start, budget: first.budget, ours: reference },
      tasks: [...new Set(list.map(({ task }) => task))],
      // by the difference in the same runs: means over other tasks and seeds are no order
      lines: lines.sort((a, b) => (a.ours?.value ?? 0) - (b.ours?.value ?? 0)),
      results: list,
    };
  });
}

const groupKey = (/** @type {Result} */ { model, generator, start, budget }) =>
  JSON.stringify([model, generator, start, budget]);

/** @param {readonly Result[]} own @param {readonly Result[]} reference @returns {Line} */
function lineOf(own, reference) {
  const first = /** @type {Result} */ (own[0]);
  const pairs = own.flatMap((result) => {
    const other = reference.find(({ task, seed }) => task === result.task && seed === result.seed);
    return other
      ? [{ task: result.task, other: accuracyOf(other), difference: accuracyOf(other) - accuracyOf(result) }]
      : [];
  });
  const isTie = (/** @type {number} */ difference) => Math.abs(difference) < rounding;
  const isOurs = first.method === reference[0]?.method;
  const scored = own.filter(({ score }) => score !== null);
  return {
    method: first.method,
    title: titleOf(first.method),
    tasks: new Set(own.map(({ task }) => task)).size,
    cells: own.length,
    accuracy: mean(byTask(own.map((result) => ({ task: result.task, value: accuracyOf(result) })))),
    ours:
      isOurs || pairs.length === 0
        ? undefined
        : taskInterval(pairs.map(({ task, difference }) => ({ task, value: difference }))),
    same:
      isOurs || pairs.length === 0 ? undefined : mean(byTask(pairs.map(({ task, other }) => ({ task, value: other })))),
    signs: {
      won: pairs.filter(({ difference }) => difference > 0 && !isTie(difference)).length,
      tied: pairs.filter(({ difference }) => isTie(difference)).length,
      lost: pairs.filter(({ difference }) => difference < 0 && !isTie(difference)).length,
    },
    optimism:
      scored.length === 0
        ? undefined
        : mean(byTask(scored.map((result) => ({ task: result.task, value: result['score'] - accuracyOf(result) })))),
    mean: {
      evaluationCalls: mean(own.map(({ counts }) => counts.evaluation.calls)),
      generatorCalls: mean(own.map(({ counts }) => counts.generator.calls)),
      tokensIn: mean(own.map(({ counts }) => counts.evaluation.inputTokens + counts.generator.inputTokens)),
      tokensOut: mean(own.map(({ counts }) => counts.evaluation.outputTokens + counts.generator.outputTokens)),
    },
  };
}

/** Mean of each task. @param {readonly { task: string, value: number }[]} values */
const byTask = (values) =>
  [...new Set(values.map(({ task }) => task))].map((name) =>
    mean(values.filter(({ task }) => task === name).map(({ value }) => value)),
  );

/**
 * Mean over tasks with a 95 % interval (Student's t over the tasks, each the mean of its seeds): as wide as a handful of tasks asks for,
 * where drawing them anew with replacement would give two thirds of it. With a single task it has no ends.
 * @param {readonly { task: string, value: number }[]} values @returns {Interval}
 */
export function taskInterval(values) {
  const tasks = byTask(values);
  const value = mean(tasks);
  const n = tasks.length;
  if (n < 2) return { value, lo: -Infinity, hi: Infinity };
  const variance = tasks.reduce((sum, task) => sum + (task - value) ** 2, 0) / (n - 1);
  const half = jStat.studentt.inv(0.975, n - 1) * Math.sqrt(variance / n);
  return { value, lo: Math.max(-1, value - half), hi: Math.min(1, value + half) };
}
