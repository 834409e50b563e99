// @ts-check
// What prompts of earlier runs get right on the same rows, each on every one: with it, how prompts are raced and kept can be compared on
// real answers, thousands of times, without a model (`npm run bench:simulated -- --grid`).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shuffled } from './random.mjs';
import { joined } from './wire.mjs';

/**
 * @typedef {object} GridPrompt
 * @property {'start' | 'template' | 'written'} kind
 * @property {string | null} prompt  null where the licence of the rows is unclear: it may show some
 * @property {string} [operator]  the way in which a search had it written
 * @property {number[]} parents  places in the grid of the prompts that it was written from
 * @property {string} right  a digit for each row: 1 is right
 * @property {(number | null)[]} crossEntropy  of the right answer, in nats, by row; negative: at least so much, null: not known
 */

/** @typedef {{ id: string, prompt: string, kind: GridPrompt['kind'], operator?: string, parents: readonly string[] }} Found  parents: ids */

/**
 * The prompts of all runs of ours on this task that are kept, but for those with worked examples, since they show rows.
 * @param {string} folder  of the runs
 * @param {import('./tasks.mjs').Task} task
 * @param {(prompt: string) => string} idOf
 * @returns {Promise<Found[]>}
 */
async function promptsIn(folder, task, idOf) {
  /** @type {Map<string, Found>} */
  const found = new Map(task.start.map((prompt) => [prompt, { id: idOf(prompt), prompt, kind: 'start', parents: [] }]));
  const names = (await readdir(folder)).filter((name) => name.includes(`-${task.name}-`)).sort();
  for (const name of names) {
    const text = await readFile(join(folder, name, 'run.json'), 'utf8').catch(() => '{"entries":[]}');
    for (const { event } of JSON.parse(text).entries) {
      const candidate = event?.fact?.type === 'candidate-proposed' ? event.fact.candidate : undefined;
      if (!candidate || candidate.demos || found.has(candidate.prompt)) continue;
      const { id, prompt, origin } = candidate;
      const kind = origin.operator === 'template' ? 'template' : 'written';
      found.set(prompt, {
        id,
        prompt,
        kind,
        operator: origin.operator ?? 'contrastive',
        parents: origin.parents ?? [],
      });
    }
  }
  return [...found.values()];
}

/**
 * Starting prompts, templates, so many of the others, drawn by chance, and those that they were written from.
 * @param {string} folder @param {import('./tasks.mjs').Task} task @param {(prompt: string) => string} idOf @param {number} most
 */
async function promptsFor(folder, task, idOf, most) {
  const found = await promptsIn(folder, task, idOf);
  const drawn = shuffled(
    found.filter(({ kind }) => kind === 'written'),
    1,
  ).slice(0, most);
  const wanted = new Set(drawn.flatMap(({ id, parents }) => [id, ...parents]));
  return found.filter(({ id, kind }) => kind !== 'written' || wanted.has(id));
}

/**
 * @param {object} given
 * @param {import('./proxy.mjs').Proxy} given.proxy
 * @param {(targets: readonly string[], body: any, answer: import('./tasks.mjs').AnswerForm) => number | null} given.crossEntropyOf
 * @param {(prompt: string) => string} given.idOf  the app's name of a prompt
 * @param {import('./tasks.mjs').Task} given.task
 * @param {string} given.folder  of the runs
 * @param {number} given.rows
 * @param {number} given.most  prompts that were written, besides those that they were written from
 * @param {number} given.concurrency
 */
export async function measureGrid({ proxy, crossEntropyOf, idOf, task, folder, rows: count, most, concurrency }) {
  const rows = [...task.pool, ...task.test].slice(0, count);
  const chosen = await promptsFor(folder, task, idOf, most);
  const key = `grid-${task.name}`;
  proxy.open(key, { caps: { evaluation: Infinity, generator: 0 }, seed: 0, rows });
  const places = new Map(chosen.map(({ id }, place) => [id, place]));
  /** @type {GridPrompt[]} */
  const prompts = [];
  for (const { prompt, kind, operator, parents } of chosen) {
    /** @type {any[]} */
    const bodies = [];
    let next = 0;
    const work = async () => {
      for (let i = next++; i < rows.length; i = next++)
        bodies[i] = await proxy.evaluate(key, joined(prompt, rows[i]?.query ?? ''));
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    prompts.push({
      kind,
      ...(operator === undefined ? {} : { operator }),
      prompt: task.promptsStayOut ? null : prompt,
      parents: parents.flatMap((parent) => places.get(parent) ?? []),
      right: rows
        .map(({ targets }, i) => Number(proxy.isRight(targets, bodies[i].choices[0].message.content)))
        .join(''),
      crossEntropy: rows.map(({ targets }, i) => crossEntropyOf(targets, bodies[i], task.answer)),
    });
  }
  return { rows: rows.length, prompts };
}

/** A line for each prompt, so that a change shows. @param {Record<string, unknown> & { prompts: readonly GridPrompt[] }} grid */
export function gridText({ prompts, ...head }) {
  const lines = prompts.map((prompt) => `    ${JSON.stringify(prompt)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "prompts": [\n${lines}\n  ]\n}\n`;
}
