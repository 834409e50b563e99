import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exact } from '#metrics/exact.ts';
import { Answers } from './answers.mjs';
import { capsOf, methods } from './methods.mjs';
import { optionsProblem, oursProblem } from './options.mjs';
import { defaultShape, Proxy, type Row } from './proxy.mjs';
import { joined } from './wire.mjs';
import { runOnce } from './run.mjs';
import { loadTask, taskNames, type Task } from './tasks.mjs';

let folder = '';
let upstream: Server;
type Sent = { messages: { content: string }[]; seed: number; temperature: number };
let sent: Sent[] = [];
let proxy: Proxy;
let url = '';
let to = { url: '', model: 'small' };
/** What the fake model answers to a query. */
let model: (content: string) => string = () => 'horse';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
  sent = [];
  upstream = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const body = JSON.parse(text) as Sent;
      sent.push(body);
      const content = model(body.messages.at(-1)?.content ?? '');
      response.end(
        JSON.stringify({
          choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 7, completion_tokens: 2 },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  to = { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`, model: 'small' };
  proxy = await proxyTo(to, new Answers());
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => upstream.close(resolve));
  await rm(folder, { recursive: true });
});

async function proxyTo(to: { url: string; model: string }, answers: Answers): Promise<Proxy> {
  const made = new Proxy({
    upstreams: { evaluation: to, generator: to },
    answers,
    isRight: (targets: readonly string[], text: string) => isRight(targets, text),
  });
  url = await made.listen();
  return made;
}

const rows: Row[] = ['cat, horse', 'whale, dog', 'ant, bee', 'fox, hen'].map((input) => ({
  input,
  query: `Input: ${input}\nOutput:`,
  targets: [input.split(', ')[1] ?? ''],
}));
const isRight = (targets: readonly string[], text: string): boolean => {
  const example = { id: 'row', inputs: {}, targets } as unknown as Parameters<typeof exact.score>[0];
  const completion = { text } as Parameters<typeof exact.score>[1];
  const score = exact.score(example, completion, { type: 'text' });
  return score.type === 'scored' && score.value === 1;
};
const task: Task = {
  name: 'animals',
  set: 'animals',
  description: 'Two animals are given. The answer is the second one.',
  answer: { type: 'text' },
  hand: ['Say the second.', 'Say horse.'],
  start: ['Hm.', 'Ho.'],
  pool: rows.slice(0, 2),
  test: rows.slice(2),
};
const ask = (run: string, body: unknown): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${run}` },
    body: JSON.stringify(body),
  });
const evaluation = (...contents: string[]): unknown => ({
  model: 'evaluation',
  temperature: 2,
  max_tokens: 999,
  messages: contents.map((content, place) => ({ role: place < contents.length - 1 ? 'system' : 'user', content })),
});

describe('the proxy', () => {
  it.each(['evaluation', 'generator'] as const)(
    'never passes the cap of %s calls, however many come at once',
    async (role) => {
      proxy.open('run', { caps: { evaluation: 0, generator: 0, [role]: 5 }, seed: 1, rows });
      const asked = Array.from({ length: 20 }, (_, i) =>
        ask('run', { model: role, messages: [{ role: 'user', content: `Prompt ${i}` }] }),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
      expect(sent).toHaveLength(5);
      expect(proxy.counts('run')[role]).toMatchObject({ calls: 5, refused: 15, inputTokens: 35, outputTokens: 10 });
      const refused = answers.find(({ status }) => status === 402);
      expect(await refused?.json()).toEqual({
        error: expect.objectContaining({
          code: 'insufficient_quota',
          message: `The budget is spent: 5 ${role} calls are allowed in this run.`,
        }) as unknown,
      });
    },
  );

  it('asks the same whoever asks, sends it once, and counts it each time', async () => {
    proxy.open('run', { caps: { evaluation: 9, generator: 0 }, seed: 1, rows });
    for (const contents of [
      ['Say the second.', 'cat, horse'],
      ['Say the second.\ncat, horse'],
      ['Say the second.\n\nInput: cat, horse\nOutput:'],
      ['You are a helpful assistant.', 'Say the second.\n\nInput:\ncat, horse'],
    ])
      expect((await ask('run', evaluation(...contents))).status).toBe(200);
    expect(sent).toEqual([
      {
        model: 'small',
        messages: [{ role: 'user', content: 'Say the second.\n\nInput: cat, horse\nOutput:' }],
        temperature: 0,
        seed: 1,
        max_tokens: defaultShape.maxAnswerTokens,
        stop: defaultShape.stop,
        logprobs: true,
        top_logprobs: defaultShape.topLogprobs,
      },
    ]);
    expect(proxy.counts('run')).toMatchObject({ evaluation: { calls: 4, kept: 3, inputTokens: 28 }, foreign: 0 });
  });

  it('keeps the runs apart, and tells a question that holds no row', async () => {
    for (const name of ['a', 'b']) proxy.open(name, { caps: { evaluation: 1, generator: 0 }, seed: 1, rows });
    await ask('a', evaluation('What is this?'));
    expect(proxy.counts('a')).toMatchObject({ evaluation: { calls: 1 }, foreign: 1 });
    expect(proxy.counts('b').evaluation.calls).toBe(0);
    expect((await ask('c', evaluation('What is this?'))).status).toBe(401);
    expect((await ask('b', { model: 'else', messages: [] })).status).toBe(404);
  });

  it('counts several answers to one question as several calls, each with a seed of its own', async () => {
    proxy.open('run', { caps: { evaluation: 0, generator: 3 }, seed: 1, rows });
    const body = { model: 'generator', n: 3, temperature: 0.1, messages: [{ role: 'user', content: 'Write one.' }] };
    const answer = (await (await ask('run', body)).json()) as { choices: unknown[] };
    expect(answer.choices).toHaveLength(3);
    expect(proxy.counts('run').generator.calls).toBe(3);
    expect(new Set(sent.map(({ seed }) => seed)).size).toBe(3);
    expect(sent.every(({ temperature }) => temperature === defaultShape.temperature)).toBe(true);
  });

  it('gives a text its seed by what is asked and how often it was, in whatever order requests come', async () => {
    const seedsOf = async (contents: readonly string[]): Promise<readonly string[]> => {
      sent.length = 0;
      await proxy.close();
      proxy = await proxyTo(to, new Answers());
      proxy.open('run', { caps: { evaluation: 0, generator: contents.length }, seed: 1, rows });
      for (const content of contents) await ask('run', { model: 'generator', messages: [{ role: 'user', content }] });
      return sent.map(({ messages, seed }) => `${messages[0]?.content ?? ''} ${seed}`).sort();
    };
    const seeds = await seedsOf(['Write one.', 'Write two.', 'Write one.']);
    expect(new Set(seeds).size).toBe(3);
    expect(await seedsOf(['Write two.', 'Write one.', 'Write one.'])).toEqual(seeds);
  });

  it('writes a text anew only where the same question was cut off under the earlier limit', async () => {
    const answers = new Answers();
    const [whole, cut] = ['Write one.', 'Write a long one.'];
    for (const [content, reason] of [
      [whole, 'stop'],
      [cut, 'length'],
    ] as const) {
      await proxy.close();
      proxy = await proxyTo(to, answers);
      proxy.open('run', { caps: { evaluation: 0, generator: 1 }, seed: 1, rows });
      await ask('run', { model: 'generator', messages: [{ role: 'user', content }] });
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Old.' }, finish_reason: reason }];
      const body = { choices, usage: { prompt_tokens: 1, completion_tokens: 1 } };
      await answers.of({ ...sent.at(-1), max_tokens: 400 }, () => Promise.resolve({ body, tookMs: 1 }));
    }
    sent.length = 0;
    await proxy.close();
    proxy = await proxyTo(to, answers);
    for (const content of [whole, cut]) {
      proxy.open('run', { caps: { evaluation: 0, generator: 1 }, seed: 1, rows });
      const answer = await (await ask('run', { model: 'generator', messages: [{ role: 'user', content }] })).text();
      expect(answer.includes('Old.')).toBe(content === whole);
    }
  });

  it('lends its parser', async () => {
    proxy.open('run', { caps: { evaluation: 0, generator: 0 }, seed: 1, rows });
    const score = async (answer: string): Promise<unknown> => {
      const body = JSON.stringify({ input: 'cat, horse', answer });
      return (await fetch(`${url}/score`, { method: 'POST', headers: { authorization: 'Bearer run' }, body })).json();
    };
    expect(await score(' **Horse**.')).toEqual({ right: true });
    expect(await score('a horse')).toEqual({ right: false });
  });

  it('does not count on an answer that failed', async () => {
    await proxy.close();
    proxy = await proxyTo({ url: 'http://127.0.0.1:1/v1', model: 'small' }, new Answers());
    proxy.open('run', { caps: { evaluation: 9, generator: 0 }, seed: 1, rows });
    expect((await ask('run', evaluation('Say it.\ncat, horse'))).status).toBe(502);
    expect(proxy.counts('run').evaluation).toMatchObject({ calls: 1, failed: 1 });
  });
});

describe('kept answers', () => {
  it('outlive the process, even one that was cut off while it wrote', async () => {
    const file = join(folder, 'answers.jsonl');
    const first = await Answers.open(file);
    await first.of({ a: 1 }, () => Promise.resolve({ body: 'one', tookMs: 5 }));
    await writeFile(file, `${await readFile(file, 'utf8')}\n{"key":"half`);
    const second = await Answers.open(file);
    await second.of({ a: 2 }, () => Promise.resolve({ body: 'two', tookMs: 5 }));
    const third = await Answers.open(file);
    const never = (): Promise<never> => Promise.reject(new Error('asked again'));
    expect(await third.of({ a: 1 }, never)).toEqual({ body: 'one', tookMs: 5, isKept: true });
    expect(await third.of({ a: 2 }, never)).toMatchObject({ body: 'two', isKept: true });
  });
});

describe('a run', () => {
  it('stays within its calls, and its test is counted apart', async () => {
    model = (content) => (content.startsWith('Say the second') ? (/, (.*)\nOutput/.exec(content)?.[1] ?? '') : 'horse');
    const run = await runOnce({
      ...{ proxy, url, method: 'hand', task, seed: 1, budget: 4, concurrency: 3 },
      folder: join(folder, 'run'),
      python: () => Promise.reject(new Error('not wanted')),
      templatesOf: () => [],
    });
    expect(run.prompt).toBe('Say the second.');
    expect(run.score).toBe(1);
    expect(run.counts.evaluation).toMatchObject({ calls: 4, refused: 0 });
    expect(run.test).toMatchObject({ right: 2, n: 2, calls: 2 });
  });

  it.each(Object.keys(methods))('%s has settings for every budget', (method) => {
    for (const budget of [100, 300, 1000]) expect(methods[method]?.of(budget)).toHaveProperty('kind');
    expect(capsOf(300)).toEqual({ evaluation: 300, generator: 30 });
  });
});

describe('options', () => {
  const usual = { start: 'bad', seed: ['1', '2'], budget: ['300'], jobs: '1' };

  it.each([
    ['start', 'plian'],
    ['start', ''],
    ['seed', ['1', 'x']],
    ['seed', ['']],
    ['budget', ['x']],
    ['budget', ['0']],
    ['test-rows', 'x'],
    ['test-rows', ''],
    ['jobs', '9'],
    ['jobs', '1.5'],
  ])('such as --%s %j are refused by name', (name, given) => {
    expect(optionsProblem({ ...usual, [name]: given })).toContain(`--${name} must be`);
  });

  it('that can be used are taken', () => {
    expect(optionsProblem(usual)).toBeUndefined();
    expect(optionsProblem({ ...usual, start: 'plain', seed: ['0'], jobs: '8', 'test-rows': '20' })).toBeUndefined();
  });

  it('name a method of the results, where it is the one to compare with', () => {
    expect(oursProblem([{ method: 'pacer' }], 'gepa')).toContain('--ours: there is no result of "gepa"');
    expect(oursProblem([{ method: 'pacer' }], 'pacer')).toBeUndefined();
    expect(oursProblem([], undefined)).toBeUndefined();
  });
});

describe('tasks', () => {
  it.each(taskNames)('%s: no test row is in the pool of any seed', async (name) => {
    const data = await madeSets(name);
    for (const seed of [1, 2, 3]) {
      const { pool, test, start, hand } = await loadTask(data, name, seed);
      const inputs = new Set(pool.map(({ input }) => input));
      expect([pool.length, inputs.size, test.length, start.length, hand.length]).toEqual([100, 100, 200, 4, 5]);
      expect(test.filter(({ input }) => inputs.has(input))).toEqual([]);
      expect(pool).not.toEqual((await loadTask(data, name, seed + 1)).pool);
      expect(test).toEqual((await loadTask(data, name, seed + 1)).test);
    }
  });

  it('puts prompt and input together in one way, without an "Input:" that some prompts end with', () => {
    expect(joined(' Say it.\n\nInput:', 'Input: a\nOutput:')).toBe('Say it.\n\nInput: a\nOutput:');
    expect(joined('', 'Input: a\nOutput:')).toBe('Input: a\nOutput:');
  });
});

/** Sets as small as the smallest: half of the pool and of the test come from the validation rows. */
async function madeSets(name: string): Promise<string> {
  const { set } = await import('./tasks.json').then(({ default: tasks }) => tasks[name as keyof typeof tasks]);
  await mkdir(join(folder, set), { recursive: true });
  for (const [part, n] of Object.entries({ train: 50, validation: 150, test: 100 })) {
    const lines = Array.from({ length: n }, (_, i) => JSON.stringify({ input: { text: `${part} ${i}` }, target: 'x' }));
    await writeFile(join(folder, set, `${part}.jsonl`), lines.join('\n'));
  }
  const prompts = { baseline: 'a', mediocre: ['b', 'c'], gibberish: ['d', 'e'] };
  await writeFile(join(folder, set, 'meta.json'), JSON.stringify({ family: 'f', baseline_prompt: 'g' }));
  await writeFile(join(folder, 'starting_prompts.json'), JSON.stringify({ families: { f: prompts } }));
  return folder;
}
