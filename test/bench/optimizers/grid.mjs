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
 * @property {number[]} parents  places in the grid of the prompts that it was written from
 * @property {string} right  a digit for each row: 1 is right
 * @property {(number | null)[]} crossEntropy  of the right answer, in nats, by row; negative: at least so much, null: not known
 */

/**
 * The prompts of all runs of ours on this task that are kept: starting prompts and templates, and so many of the others, drawn by chance. Those
 * with worked examples are left out, since they show rows.
 * @param {string} folder  of the runs
 * @param {import('./tasks.mjs').Task} task
 * @param {number} most
 */
async function promptsFor(folder, task, most) {
  /** @type {Map<string, { id: string, prompt: string, kind: GridPrompt['kind'], parentIds: string[] }>} */
  const found = new Map();
  const names = (await readdir(folder)).filter((name) => name.includes(`-${task.name}-`)).sort();
  for (const name of names) {
    const text = await readFile(join(folder, name, 'run.json'), 'utf8').catch(() => '{"entries":[]}');
    for (const { event } of JSON.parse(text).entries) {
      const candidate = event?.fact?.type === 'candidate-proposed' ? event.fact.candidate : undefined;
      if (!candidate || candidate.demos || found.has(candidate.prompt)) continue;
      const kind = candidate.origin.operator === 'template' ? 'template' : 'written';
      found.set(candidate.prompt, {
        id: candidate.id,
        prompt: candidate.prompt,
        kind,
        parentIds: candidate.origin.parents ?? [],
      });
    }
  }
  for (const prompt of task.start) found.delete(prompt);
  const others = [...found.values()];
  const written = others.filter(({ kind }) => kind === 'written');
  return [
    ...task.start.map((prompt) => ({ id: '', prompt, kind: /** @type {const} */ ('start'), parentIds: [] })),
    ...others.filter(({ kind }) => kind === 'template'),
    ...shuffled(written, 1).slice(0, most),
  ];
}

/**
 * @param {object} given
 * @param {import('./proxy.mjs').Proxy} given.proxy
 * @param {(targets: readonly string[], body: any, answer: import('./tasks.mjs').AnswerForm) => number | null} given.crossEntropyOf
 * @param {import('./tasks.mjs').Task} given.task
 * @param {string} given.folder  of the runs
 * @param {number} given.rows
 * @param {number} given.most  prompts that were written
 * @param {number} given.concurrency
 */
export async function measureGrid({ proxy, crossEntropyOf, task, folder, rows: count, most, concurrency }) {
  const rows = [...task.pool, ...task.test].slice(0, count);
  const chosen = await promptsFor(folder, task, most);
  const key = `grid-${task.name}`;
  proxy.open(key, { caps: { evaluation: Infinity, generator: 0 }, seed: 0, rows });
  const places = new Map(chosen.map(({ id }, place) => [id, place]));
  /** @type {GridPrompt[]} */
  const prompts = [];
  for (const { prompt, kind, parentIds } of chosen) {
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
      prompt: task.promptsStayOut ? null : prompt,
      parents: parentIds.flatMap((id) => places.get(id) ?? []),
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
