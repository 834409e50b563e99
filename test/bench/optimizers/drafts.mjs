// @ts-check
// What a generator writes when it is told the same results in different ways, and what its prompts get right.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { completionOf } from './bench.mjs';
import { shuffled } from './random.mjs';
import { appendResult, fileOf, isSame, readResults } from './results.mjs';
import { loadTask, template } from './tasks.mjs';
import { joined } from './wire.mjs';

/** Rows that the generator may be shown, and rows that tell what its prompt is worth. */
const [trainRows, testRows] = [40, 40];
/** Prompts of a scene: the starting ones, some templates, some that were written before. */
const drawn = { template: 2, written: 6 };

/** @typedef {Awaited<ReturnType<typeof import('./bench.mjs').openBench>>} Bench */

/**
 * The prompts of a scene, what they led to on its rows, and how another prompt is asked about them.
 * @param {Bench} bench @param {import('./tasks.mjs').Task} task @param {readonly any[]} grid  its prompts @param {number} scene @param {number} concurrency
 */
async function openScene({ proxy, load }, task, grid, scene, concurrency) {
  const rows = shuffled([...task.pool, ...task.test].slice(0, 100), scene).slice(0, trainRows + testRows);
  const key = `drafts-${task.name}-${scene}`;
  proxy.open(key, { caps: { evaluation: Infinity, generator: Infinity }, seed: scene, rows });
  const { resultOf } = await load('/test/bench/optimizers/drafts.ts');
  const of = (/** @type {string} */ kind) => grid.filter((prompt) => prompt.kind === kind);
  const prompts = [
    ...of('start'),
    ...shuffled(of('template'), scene).slice(0, drawn.template),
    ...shuffled(of('written'), scene).slice(0, drawn.written),
  ].map(({ prompt }) => prompt);
  /** @param {string} prompt @param {number} count  of its rows, from the first @returns {Promise<any[]>} */
  const answersTo = async (prompt, count) => {
    /** @type {any[]} */
    const found = [];
    let next = 0;
    const work = async () => {
      for (let place = next++; place < count; place = next++) {
        const body = await proxy.evaluate(key, joined(prompt, rows[place]?.query ?? ''));
        found[place] = resultOf(completionOf(body), rows[place]?.targets, taskFor(task));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return found;
  };
  /** @type {Map<string, any[]>} */
  const known = new Map();
  for (const prompt of prompts) known.set(prompt, await answersTo(prompt, trainRows));
  return { key, rows, prompts, known, answersTo };
}

/**
 * Of each task and scene, one draft in every way. Goes on where it was stopped; what was asked in other words before is asked again.
 * @param {object} given
 * @param {Bench} given.bench
 * @param {string} given.data @param {readonly string[]} given.tasks  those without a grid are left out @param {number} given.scenes
 * @param {number} given.concurrency @param {string} given.file  of the results
 * @param {{ model: string, generator: string, start: string }} given.setting
 * @param {(line: string) => void} given.log
 */
export async function runDrafts({ bench, data, tasks, scenes, concurrency, file, setting, log }) {
  const { draftOne, ways } = await bench.load('/test/bench/optimizers/drafts.ts');
  for (let scene = 1; scene <= scenes; scene++)
    for (const name of tasks) {
      const text = await readFile(fileOf(`grids/${name}.json`), 'utf8').catch(() => undefined);
      if (text === undefined) {
        if (scene === 1) log(`${name}: left out, it has no grid yet (--grid).`);
        continue;
      }
      const task = await loadTask(data, name, 1, setting.start);
      const { key, rows, prompts, known, answersTo } = await openScene(
        bench,
        task,
        JSON.parse(text).prompts,
        scene,
        concurrency,
      );
      const train = rows
        .slice(0, trainRows)
        .map(({ input, targets }, place) => ({ id: `row ${place}`, inputs: { input }, targets }));
      for (const way of Object.keys(ways)) {
        const cell = { task: name, method: way, seed: scene, budget: 0, ...setting };
        const done = (await readResults(file)).filter((line) => isSame(line, cell)).map((line) => line['asked']);
        const drafted = await draftOne(
          {
            task: taskFor(task),
            ...{ train, prompts, seed: `${name} ${scene}` },
            result: (/** @type {string} */ prompt, /** @type {any} */ row) => known.get(prompt)?.[train.indexOf(row)],
          },
          way,
          (/** @type {string} */ asked) => !done.includes(nameOf(asked)),
          (/** @type {any} */ job) => textOf(bench, key, job),
        );
        if (!drafted) continue;
        const all = trainRows + testRows;
        const parent = answersOf(await answersTo(drafted.parent, all));
        const child = drafted.prompt === undefined ? undefined : answersOf(await answersTo(drafted.prompt, all));
        const outcome = child
          ? { child, prompt: task.promptsStayOut ? null : drafted.prompt }
          : { refused: drafted.refused };
        const shown = drafted.shown.map((/** @type {string} */ id) => train.findIndex((row) => row.id === id));
        const asked = nameOf(drafted.asked);
        await appendResult(file, { ...cell, ...bench.stamp(), asked, trainRows, shown, parent, ...outcome });
        const share = (/** @type {{ right: string }} */ { right }) => right.slice(trainRows).replaceAll('0', '').length;
        log(
          `${name}, scene ${scene}, ${way}: ${child ? share(child) : drafted.refused} after ${share(parent)} of ${testRows}`,
        );
      }
    }
}

/** @param {import('./tasks.mjs').Task} task  as the app has it */
const taskFor = ({ description, answer }) => ({
  ...{ description, answer, metric: 'exact', maxAnswerTokens: 8 },
  template: { messages: [{ role: 'user', content: `{{>prompt}}\n\n${template}` }] },
});

/** Short, the same for the same words. @param {string} asked */
const nameOf = (asked) => createHash('sha256').update(asked).digest('base64url').slice(0, 12);

/** As it is kept. @param {readonly any[]} results @returns {import('./drafts-table.mjs').Answers} */
const answersOf = (results) => ({
  right: results.map(({ outcome }) => Number(outcome === 'right')).join(''),
  probability: results.map(probabilityOf),
});

/** Probability of the right answer, to three places. @param {any} result */
const probabilityOf = ({ crossEntropy: { type, value, bound } }) =>
  type === 'scored' ? Math.round(1000 * Math.exp(-value) * (bound === 'at-least' ? 0.5 : 1)) / 1000 : null;

/** @param {any} bench @param {string} key @param {any} job */
async function textOf({ url }, key, { messages }) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'generator', messages }),
  });
  const body = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(body.error.message);
  const [choice] = body.choices;
  return { text: choice.message.content, finish: choice.finish_reason === 'length' ? 'length' : 'stop' };
}
