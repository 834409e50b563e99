import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gridText, measureGrid } from './grid.mjs';
import type { Proxy, Row } from './proxy.mjs';
import type { Task } from './tasks.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grid-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rows: Row[] = ['cat', 'dog', 'ant'].map((input) => ({ input, query: `Input: ${input}`, targets: [input] }));
const task: Task = {
  ...{ name: 'words', set: 'words', description: 'Say it.', answer: { type: 'text' }, hand: [] },
  ...{ start: ['Hm.'], pool: rows.slice(0, 2), test: rows.slice(2) },
};
/** Says "cat" to all, unless it is told to say it. */
const proxy = {
  open: () => undefined,
  evaluate: (_: string, text: string) => {
    const said = text.startsWith('Say') ? (text.split(': ').at(-1) ?? '') : 'cat';
    return Promise.resolve({ choices: [{ message: { content: said } }] });
  },
  isRight: (targets: readonly string[], answer: string) => targets.includes(answer),
} as unknown as Proxy;

const proposed = (id: string, prompt: string, more: object = {}): object => ({
  event: {
    type: 'search',
    fact: {
      type: 'candidate-proposed',
      candidate: { id, prompt, origin: { parents: ['a'], operator: 'reflect' }, ...more },
    },
  },
});

describe('a grid of answers', () => {
  it('has every prompt of the kept runs on every row, but for those that show rows', async () => {
    await mkdir(join(folder, 'pacer-words-1'));
    await mkdir(join(folder, 'pacer-other-1'));
    await mkdir(join(folder, 'gepa-words-1'));
    const entries = [
      { event: { type: 'run-started' } },
      proposed('a', 'Say.', { origin: { parents: [], operator: 'template' } }),
      proposed('b', 'Say it.'),
      proposed('b', 'Say it.'),
      proposed('c', 'Say it.\n\nInput: cat', { demos: { examples: ['row'] } }),
      proposed('d', 'Hm.'),
      proposed('e', 'Say it well.', { origin: { parents: ['b', 'z'], operator: 'merge' } }),
    ];
    await writeFile(join(folder, 'pacer-words-1', 'run.json'), JSON.stringify({ entries }));
    const other = { entries: [proposed('e', 'Of another task.')] };
    await writeFile(join(folder, 'pacer-other-1', 'run.json'), JSON.stringify(other));
    const given = {
      proxy,
      crossEntropyOf: () => -0.5,
      idOf: (prompt: string) => prompt,
      task,
      folder,
      rows: 3,
      most: 5,
      concurrency: 2,
    };
    const crossEntropy = [-0.5, -0.5, -0.5];
    const grid = await measureGrid(given);
    expect(grid).toEqual({
      rows: 3,
      prompts: [
        { kind: 'start', prompt: 'Hm.', parents: [], right: '100', crossEntropy },
        { kind: 'template', operator: 'template', prompt: 'Say.', parents: [], right: '111', crossEntropy },
        { kind: 'written', operator: 'reflect', prompt: 'Say it.', parents: [1], right: '111', crossEntropy },
        { kind: 'written', operator: 'merge', prompt: 'Say it well.', parents: [2], right: '111', crossEntropy },
      ],
    });
    // what one is written from is there, however few are drawn
    const few = await measureGrid({ ...given, most: 1 });
    for (const { parents } of few.prompts) for (const parent of parents) expect(few.prompts[parent]).toBeDefined();
    expect(few.prompts.map(({ prompt }) => prompt)).toContain('Say.');
    expect(JSON.parse(gridText({ task: 'words', ...grid }))).toEqual({ task: 'words', ...grid });
    const secret = await measureGrid({ ...given, task: { ...task, promptsStayOut: true } });
    expect(secret.prompts.map(({ prompt }) => prompt)).toEqual([null, null, null, null]);
  });
});
