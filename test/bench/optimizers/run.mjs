// @ts-check
// One run: a method on a task with a seed and a budget, and the test of what it returned.
import { mkdir, rm } from 'node:fs/promises';
import { capsOf, methods } from './methods.mjs';
import { runOurs } from './ours.mjs';
import { runPeer } from './peers.mjs';
import { joined } from './wire.mjs';

/**
 * @typedef {object} Job
 * @property {import('./tasks.mjs').Task} task
 * @property {string} url  of the proxy
 * @property {string} key  the run's name at the proxy
 * @property {Record<import('./proxy.mjs').Role, number>} caps
 * @property {number} seed
 * @property {number} concurrency
 * @property {string} folder  for files of the run
 *
 * @typedef {object} Found
 * @property {string} prompt
 * @property {number | null} score  share of right answers by the method's own account
 * @property {number | null} tried  prompts that were tried, where the method tells
 * @property {Record<string, string>} versions
 * @property {string | null} note
 */

/**
 * @param {object} given
 * @param {import('./proxy.mjs').Proxy} given.proxy
 * @param {string} given.url
 * @param {string} given.method
 * @param {import('./tasks.mjs').Task} given.task
 * @param {number} given.seed
 * @param {number} given.budget
 * @param {number} given.concurrency
 * @param {string} given.folder
 * @param {() => Promise<string>} given.python  of the peers
 * @param {(task: import('./tasks.mjs').Task) => readonly string[]} given.templatesOf
 */
export async function runOnce({ proxy, url, method, task, seed, budget, concurrency, folder, python, templatesOf }) {
  const definition = methods[method];
  if (!definition) throw new Error(`There is no method "${method}". Methods: ${Object.keys(methods).join(', ')}.`);
  const settings = definition.of(budget);
  const caps = capsOf(budget);
  const key = `${method}-${task.name}-${seed}-${budget}`;
  const job = { task, url, key, caps, seed, concurrency, folder };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const ready = settings.kind === 'peer' ? await python() : '';
  proxy.open(key, { caps, seed, rows: task.pool });
  const start = performance.now();
  const found =
    settings.kind === 'ours'
      ? await runOurs(settings, job)
      : settings.kind === 'peer'
        ? await runPeer(settings, { ...job, python: ready })
        : await race(proxy, job, settings.prompts === 'templates' ? templatesOf(task) : task[settings.prompts]);
  const seconds = (performance.now() - start) / 1000;
  const counts = proxy.counts(key);
  const failed = counts.evaluation.failed + counts.generator.failed;
  // some methods would have taken them for wrong answers
  if (failed > 0) throw new Error(`${failed} calls got no answer from the model server: the run does not count.`);
  const test = await testOf(proxy, `${key}-test`, task, found.prompt, concurrency);
  return { settings, caps, ...found, counts, seconds: Math.round(seconds * 10) / 10, test };
}

/**
 * The prompt on the test rows. An answer that failed would be missing, not wrong: it ends the run, which is then done again.
 * @param {import('./proxy.mjs').Proxy} proxy
 * @param {string} key @param {import('./tasks.mjs').Task} task @param {string} prompt @param {number} concurrency
 */
async function testOf(proxy, key, task, prompt, concurrency) {
  const caps = { evaluation: Infinity, generator: 0 };
  proxy.open(key, { caps, seed: 0, rows: task.test });
  const right = await rightOn(proxy, key, prompt, task.test, concurrency);
  const { calls, inputTokens } = proxy.counts(key).evaluation;
  return { right: right.filter(Boolean).length, n: right.length, calls, inputTokens };
}

/**
 * @param {import('./proxy.mjs').Proxy} proxy
 * @param {string} key @param {string} prompt @param {readonly import('./proxy.mjs').Row[]} rows @param {number} concurrency
 * @returns {Promise<boolean[]>}
 */
export async function rightOn(proxy, key, prompt, rows, concurrency) {
  /** @type {boolean[]} */
  const right = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < rows.length; i = next++) {
      const row = /** @type {import('./proxy.mjs').Row} */ (rows[i]);
      const { choices } = await proxy.evaluate(key, joined(prompt, row.query));
      right[i] = proxy.isRight(row.targets, choices[0].message.content);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return right;
}

/**
 * Every prompt on the same rows, as many as the budget holds; the first of the best wins. The plainest thing that a person can do.
 * @param {import('./proxy.mjs').Proxy} proxy @param {Job} job @param {readonly string[]} prompts @returns {Promise<Found>}
 */
async function race(proxy, { task, key, caps, concurrency }, prompts) {
  const rows = task.pool.slice(0, Math.floor(caps.evaluation / prompts.length));
  const shares = [];
  for (const prompt of prompts) {
    const right = await rightOn(proxy, key, prompt, rows, concurrency);
    shares.push(right.filter(Boolean).length / rows.length);
  }
  const score = Math.max(...shares);
  const prompt = prompts[shares.indexOf(score)] ?? '';
  return { prompt, score, tried: prompts.length, versions: {}, note: null };
}
