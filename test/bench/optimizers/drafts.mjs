// @ts-check
// What a generator writes when it is told the same results in different ways, and what its prompts get right.
import { readFile } from 'node:fs/promises';
import { shuffled } from './random.mjs';
import { appendResult, fileOf, isSame, readResults } from './results.mjs';
import { loadTask, template } from './tasks.mjs';
import { joined } from './wire.mjs';

/** Rows that the generator may be shown, and rows that tell what its prompt is worth. */
const [trainRows, testRows] = [40, 40];
/** Prompts of a scene: the starting ones, some templates, some that were written before. */
const drawn = { template: 2, written: 6 };

/** @param {Awaited<ReturnType<typeof import('./bench.mjs').openBench>>} bench  @param {any} body @param {any} row @param {any} task */
function resultOf(bench, body, row, task) {
  const text = body.choices[0].message.content;
  const entropy = bench.crossEntropyOf(row.targets, body, task.answer);
  return {
    type: 'answered',
    outcome: bench.proxy.isRight(row.targets, text) ? 'right' : text.trim() === '' ? 'unparsable' : 'wrong',
    answer: text,
    read: text.trim(),
    crossEntropy:
      entropy === null
        ? { type: 'unscored', reason: 'no-answer' }
        : { type: 'scored', value: Math.abs(entropy), bound: entropy < 0 ? 'at-least' : 'exact' },
    usage: { inputTokens: 0, outputTokens: 0 },
    latencyMs: 0,
    attempts: 1,
    call: 'bench',
  };
}

/**
 * Of each task and scene, one draft in every way. Goes on where it was stopped.
 * @param {object} given
 * @param {Awaited<ReturnType<typeof import('./bench.mjs').openBench>>} given.bench
 * @param {string} given.data @param {readonly string[]} given.tasks @param {number} given.scenes @param {number} given.concurrency
 * @param {string} given.file  of the results
 * @param {{ model: string, generator: string, start: string }} given.setting
 * @param {(line: string) => void} given.log
 */
export async function runDrafts({ bench, data, tasks, scenes, concurrency, file, setting, log }) {
  const { draftOne, ways } = await bench.load('/test/bench/optimizers/drafts.ts');
  for (let scene = 1; scene <= scenes; scene++)
    for (const name of tasks) {
      const task = await loadTask(data, name, 1, setting.start);
      const { prompts: grid } = JSON.parse(await readFile(fileOf(`grids/${name}.json`), 'utf8'));
      const rows = shuffled([...task.pool, ...task.test].slice(0, 100), scene).slice(0, trainRows + testRows);
      const key = `drafts-${name}-${scene}`;
      proxyOpen(bench, key, rows, scene);
      const of = (/** @type {string} */ kind) => grid.filter((/** @type {any} */ prompt) => prompt.kind === kind);
      const chosen = [
        ...of('start'),
        ...shuffled(of('template'), scene).slice(0, drawn.template),
        ...shuffled(of('written'), scene).slice(0, drawn.written),
      ].map(({ prompt }) => prompt);
      const examples = rows.map(({ input, targets }, place) => ({ id: `row ${place}`, inputs: { input }, targets }));
      /** @param {string} prompt @param {readonly number[]} places */
      const answersTo = async (prompt, places) => {
        /** @type {Map<number, any>} */
        const found = new Map();
        let next = 0;
        const work = async () => {
          for (let i = next++; i < places.length; i = next++) {
            const place = /** @type {number} */ (places[i]);
            const body = await bench.proxy.evaluate(key, joined(prompt, rows[place]?.query ?? ''));
            found.set(place, resultOf(bench, body, rows[place], task));
          }
        };
        await Promise.all(Array.from({ length: concurrency }, work));
        return found;
      };
      const [train, all] = [rows.slice(0, trainRows).map((_, i) => i), rows.map((_, i) => i)];
      /** @type {Map<string, Map<number, any>>} */
      const known = new Map();
      for (const prompt of chosen) known.set(prompt, await answersTo(prompt, train));
      const spec = {
        description: task.description,
        template: { messages: [{ role: 'user', content: `{{>prompt}}\n\n${template}` }] },
        answer: task.answer,
        metric: 'exact',
        maxAnswerTokens: 8,
      };
      for (const way of Object.keys(ways)) {
        const cell = { task: name, method: way, seed: scene, budget: 0, ...setting };
        if ((await readResults(file)).some((done) => isSame(done, cell))) continue;
        const drafted = await draftOne(
          {
            task: spec,
            train: examples.slice(0, trainRows),
            prompts: chosen,
            result: (/** @type {string} */ prompt, /** @type {any} */ row) =>
              known.get(prompt)?.get(Number(row.id.slice(4))),
            seed: `${name} ${scene}`,
          },
          way,
          (/** @type {any} */ job) => textOf(bench, key, job),
        );
        if (!drafted) continue;
        /** @type {(prompt: string) => Promise<Cells>} */
        const digits = async (prompt) =>
          [...(await answersTo(prompt, all))]
            .sort(([a], [b]) => a - b)
            .map(([, result]) => [Number(result.outcome === 'right'), gradeOf(result)]);
        const [parent, child] = [
          await digits(drafted.parent),
          drafted.prompt === undefined ? undefined : await digits(drafted.prompt),
        ];
        const line = (/** @type {Cells} */ cells) => ({
          right: cells.map(([right]) => right).join(''),
          probability: cells.map(([, p]) => p),
        });
        await appendResult(file, {
          ...cell,
          ...bench.stamp(),
          trainRows,
          shown: drafted.shown.map((/** @type {string} */ id) => Number(id.slice(4))),
          parent: line(parent),
          ...(child
            ? { child: line(child), prompt: task.promptsStayOut ? null : drafted.prompt }
            : { refused: drafted.refused }),
        });
        const share = (/** @type {Cells} */ cells) => cells.slice(trainRows).filter(([right]) => right === 1).length;
        log(
          `${name}, scene ${scene}, ${way}: ${child ? share(child) : drafted.refused} after ${share(parent)} of ${testRows}`,
        );
      }
    }
}

/** For each row whether it was right, and the probability of the right answer. @typedef {readonly (readonly [number, number | null])[]} Cells */

/** Probability of the right answer, to three places. @param {any} result */
const gradeOf = ({ crossEntropy: { type, value, bound } }) =>
  type === 'scored' ? Math.round(1000 * Math.exp(-value) * (bound === 'at-least' ? 0.5 : 1)) / 1000 : null;

/** @param {any} bench @param {string} key @param {readonly any[]} rows @param {number} seed */
const proxyOpen = (bench, key, rows, seed) =>
  bench.proxy.open(key, { caps: { evaluation: Infinity, generator: Infinity }, seed, rows });

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
