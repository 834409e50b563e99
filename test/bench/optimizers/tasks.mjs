// @ts-check
// The tasks: rows, starting prompts, hand-written prompts, and what everybody is told.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shuffled } from './random.mjs';

/** @typedef {{ type: 'text' | 'number' } | { type: 'label', labels: string[] }} AnswerForm */
/**
 * @typedef {object} Task
 * @property {string} name
 * @property {string} set  its folder in the evaluation data
 * @property {string} description  one or two sentences, told to every method whose interface has a place for it
 * @property {AnswerForm} answer
 * @property {readonly string[]} hand  hand-written prompts, from vague to exact; the last one has examples
 * @property {boolean} [promptsStayOut]  the licence of the rows is unclear, and found prompts may show them: they are not kept among the results
 * @property {readonly string[]} start  starting prompts, the one for methods that take only one in front
 * @property {import('./proxy.mjs').Row[]} pool  labelled rows that a method may use as it likes
 * @property {import('./proxy.mjs').Row[]} test  rows that no method sees
 */

export const poolSize = 100;
export const testSize = 200;
/** One form of question for all tasks, so that examples inside of a prompt look like the question after it. */
export const template = 'Input: {{input}}\nOutput:';

/** @type {Record<string, Pick<Task, 'set' | 'description' | 'answer' | 'hand' | 'promptsStayOut'>>} */
const known = JSON.parse(await readFile(new URL('./tasks.json', import.meta.url), 'utf8'));
export const taskNames = Object.keys(known);

/** The description, and the allowed answers where there are only a few. @param {Pick<Task, 'description' | 'answer'>} task */
export const briefing = ({ description, answer }) =>
  answer.type === 'label' ? `${description} The only allowed answers are: ${answer.labels.join(', ')}.` : description;

/** @param {string} path @returns {Promise<import('./proxy.mjs').Row[]>} */
async function rowsIn(path) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const { input, target } = JSON.parse(line);
    const text = Object.values(input).join('\n').trim();
    return { input: text, query: template.replace('{{input}}', () => text), targets: [target].flat() };
  });
}

/**
 * The pool is drawn by the seed, the test is the same for every seed. Where a set has too few rows of its own for either, they come
 * from its validation rows, never the same ones for both.
 * @param {string} data  folder of the evaluation sets
 * @param {string} name
 * @param {number} seed
 * @param {string} [start]  "bad": two mediocre and two gibberish prompts; "plain": what people write, and the two mediocre ones
 * @returns {Promise<Task>}
 */
export async function loadTask(data, name, seed, start = 'bad') {
  const task = known[name];
  if (!task) throw new Error(`There is no task "${name}". Tasks: ${taskNames.join(', ')}.`);
  const of = (/** @type {string} */ part) => rowsIn(join(data, task.set, `${part}.jsonl`));
  const [train, validation, test] = await Promise.all([of('train'), of('validation'), of('test')]);
  const spare = shuffled(validation, 0);
  const source = [...train, ...spare.splice(0, Math.max(0, poolSize - train.length))];
  const { families } = JSON.parse(await readFile(join(data, 'starting_prompts.json'), 'utf8'));
  const meta = JSON.parse(await readFile(join(data, task.set, 'meta.json'), 'utf8'));
  const { baseline, mediocre, gibberish } = families[meta.family];
  return {
    name,
    ...task,
    start: start === 'plain' ? [meta.baseline_prompt, baseline, ...mediocre] : [...mediocre, ...gibberish],
    pool: shuffled(source, seed).slice(0, poolSize),
    test: [...shuffled(test, 0), ...spare].slice(0, testSize),
  };
}
