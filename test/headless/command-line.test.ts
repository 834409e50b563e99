import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeError } from '#core/messages.ts';
import { readPrompts, readRunBundle } from '#exporters/index.ts';
import { readArguments, UsageError } from '../../src/headless/arguments.ts';
import { main } from '../../src/headless/main.ts';
import { secretsFromEnvironment } from '../../src/headless/prepare.ts';
import { makeDataset, startingPrompts } from '../support/builders.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const put = async (name: string, content: string): Promise<string> => {
  await writeFile(at(name), content);
  return at(name);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headless-'));
  const rows = makeDataset(45).examples.map(({ inputs, targets }) => `${inputs['text'] ?? ''},${targets[0] ?? ''}`);
  await put('data.csv', ['text,label', ...rows].join('\n'));
  await put('prompts.txt', startingPrompts.join('\n---\n'));
});
afterAll(() => rm(folder, { recursive: true }));

let out = '';
let err = '';
beforeEach(() => {
  out = err = '';
  vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void (err += `${line}\n`));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Contrastive takes the same calls in every run, so that they can be counted. */
const contrastive = ['--optimizer', 'contrastive'];
const files = (): readonly string[] => ['--data', at('data.csv'), '--prompts', at('prompts.txt'), ...contrastive];
const small = ['--set', 'rounds=2', '--set', 'proposals=1', '--seed', '7', '--budget-calls', '400'];

describe('a wrong argument', () => {
  it.each([
    [[], '--data'],
    [['--data', 'x.csv'], '--data'],
    [['--data', '', '--prompts', 'p'], '--data'],
    [['--dta', 'x'], '--dta'],
    [['stray'], 'stray'],
    [['--train', '2.5'], '--train'],
    [['--train', ''], '--train'],
    [['--train', '0'], '--train'],
    [['--test', '-1'], '--test'],
    [['--validation', 'few'], '--validation'],
    [['--seed', 'x'], '--seed'],
    [['--concurrency', '0'], '--concurrency'],
    [['--timeout', '0'], '--timeout'],
    [['--timeout', '3601'], '--timeout'],
    [['--budget-calls', '1e99'], '--budget-calls'],
    [['--budget-tokens', 'many'], '--budget-tokens'],
    [['--base-url', 'localhost', '--model', 'm'], '--base-url'],
    [['--base-url', 'https://user:word@host/v1', '--model', 'm'], '--base-url'],
    [['--base-url', 'http://[::1]:8080/v1', '--model', 'm'], '--base-url: A page cannot be allowed to talk to [::1]'],
    [
      ['--base-url', 'https://host/v1', '--generator-base-url', 'http://[::1]/v1', '--model', 'm'],
      '--generator-base-url: A page cannot',
    ],
    [['--base-url', 'https://host/v1'], '--model'],
    [['--generator-base-url', 'https://host/v1'], '--generator-base-url'],
    [['--model', 'some-model'], '--model: give --base-url'],
    [['--generator-model', 'some-model'], '--generator-model'],
    [['--cost', '1'], '--cost: give --price'],
    [['--cost', '-1', '--price', '1/2'], '--cost'],
    [['--price', '1'], '--price'],
    [['--price', 'a/b'], '--price'],
    [['--minutes', '0'], '--minutes'],
    [['--rounds', 'x'], '--rounds'],
    [['--tokens', '1.5'], '--tokens'],
    [['--read-tag', 'a', '--read-last-line'], '--read-tag'],
    [['--read-after', ''], '--read-'],
    [['--key', 'sk-123'], '--key'],
    [['--api-key', 'sk-123'], '--api-key'],
    [['--optimizer', 'magic'], '--optimizer'],
    [['--set', 'rounds'], '--set rounds'],
    [['--set', 'rounds=many'], '--set rounds=many'],
    [['--set', 'rounds=2.5'], '--set rounds=2.5'],
    [['--set', 'rounds='], '--set rounds='],
    [['--set', 'strategy=magic'], '--set strategy=magic'],
    [['--set', 'constructor=1'], '--set constructor=1'],
    [['--train', '40', '--validation', '40', '--test', '40'], '--train'],
    [['--meta-prompt', 'nowhere.txt'], '--meta-prompt'],
    [['--json', '/no/such/folder/out.json'], '--json'],
    [['--run', '.'], '--run'],
    [['--journal', 'package.json'], '--journal: package.json cannot be used (it is a file).'],
    [['--journal', 'package.json/a/b'], '--journal: package.json/a/b cannot be used (there is a file'],
    [['--json', 'package.json/out.json'], '--json: package.json/out.json cannot be written (there is a file'],
    [['--json', 'both.json', '--run', './both.json'], '--json: both.json is the file of --run too'],
    [['--run', 'own.txt', '--prompts', 'own.txt'], '--run: own.txt is the file of --prompts too'],
    [['--json', 'own.txt', '--prompts', 'own.txt'], '--json: own.txt is the file of --prompts too'],
    [['--json', 'own.txt', '--meta-prompt', 'own.txt'], '--json: own.txt is the file of --meta-prompt too'],
    [['--data', 'own.csv', '--json', 'own.csv'], '--json: own.csv is the file of --data too'],
  ] as const)('%j ends with code 2 and names it', async (words, name) => {
    const needsFiles = words.length > 0 && !words.some((word) => word === '--data' || word === '--dta');
    expect(await main(needsFiles ? [...files(), ...words] : words)).toBe(2);
    expect(err).toContain(name);
    expect(err).toContain('--help');
    expect(out).toBe('');
  });

  it('is a mistake of its own kind', () => {
    expect(() => readArguments(['--prompts', 'x'])).toThrow(UsageError);
  });

  it.each([
    ['null', 'an object'],
    ['{"metrics": "label"}', '“metrics”'],
    ['{"metric": "magic"}', '“magic”'],
    ['{"metric": "cross-entropy"}', '“cross-entropy”'],
    ['{"messages": [{"role": "user"}]}', '“messages”'],
    ['{"messages": [{"role": "user", "content": "{{text}}"}]}', '{{>prompt}}'],
    ['{"messages": [{"role": "user", "content": "{{>prompt}} {{txt}}"}]}', '“txt”'],
    ['{"answer": {"type": "label"}}', '“answer”'],
    ['{"maxAnswerTokens": "12"}', '“maxAnswerTokens”'],
    ['{"mapping": {"targets": ["label"]}}', '“mapping”: “targets” is unknown. Known: inputs, target,'],
    ['{"mapping": {"target": "label"}}', '“mapping”: “target”: a list of columns is wanted.'],
    ['{"mapping": {"choices": {"type": "list"}}}', '“mapping”: “choices”'],
    ['{"mapping": {"target": ["lable"]}}', 'the column “lable”, which the data does not have. Columns: text, label.'],
    ['{', 'JSON'],
  ])('such as the template %s is told', async (template, words) => {
    const path = await put('template.json', template);
    expect(await main([...files(), '--template', path])).toBe(2);
    expect(err).toContain('--template');
    expect(err).toContain(words);
  });

  it.each([
    ['', 'no prompt'],
    ['Sort {{txt}}.', '{{txt}}'],
  ])('such as the prompts %j is told', async (prompts, words) => {
    const path = await put('bad-prompts.txt', prompts);
    expect(await main(['--data', at('data.csv'), '--prompts', path])).toBe(2);
    expect(err).toContain('--prompts');
    expect(err).toContain(words);
  });
});

describe('a bad file', () => {
  it('is told in the words of the app, with code 1', async () => {
    const path = await put('broken.csv', 'text,label\n"never closed,a\nx,b\n');
    expect(await main(['--data', path, '--prompts', at('prompts.txt')])).toBe(1);
    const { title, sentence, remedy } = describeError('import-unclosed-quote', { file: 'broken.csv', line: 2 });
    expect(err).toBe(`${title}. ${sentence}\n${remedy}\n`);
  });

  it('of prompts is told with its line', async () => {
    const path = await put('prompts.json', '["one",\n"two"\n"three"]');
    expect(await main(['--data', at('data.csv'), '--prompts', path])).toBe(1);
    expect(err).toContain('prompts.json, line 3');
  });
});

describe('a run', () => {
  it('on the simulated model writes its result, the whole run, and the winner', async () => {
    vi.stubEnv('APG_API_KEY', 'canary-key-of-the-test');
    const listeners = process.listenerCount('SIGINT');
    expect(await main([...files(), ...small, '--json', at('out.json'), '--run', at('out.run.json')]), err).toBe(0);
    const [json, run] = [await readFile(at('out.json'), 'utf8'), await readFile(at('out.run.json'), 'utf8')];
    const result = JSON.parse(json) as { prompts: { prompt: string }[]; result: { status: string }; seed: number };
    expect(result).toMatchObject({ seed: 7, result: { status: 'ended', end: { outcome: 'finished' } } });
    expect(readPrompts(json, 'out.json')).toEqual(result.prompts.map(({ prompt }) => prompt));
    expect(readRunBundle(run, 'out.run.json').dataset.examples).toHaveLength(45);
    expect(out).toContain(result.prompts[0]?.prompt);
    expect(err).toContain('Simulated');
    expect(json + run + out + err).not.toContain('canary');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  it('prints its result before it writes it; where one file cannot be written any more, the other one is', async () => {
    await mkdir(at('gone'));
    vi.spyOn(console, 'error').mockImplementation((line: string) => {
      err += `${line}\n`;
      rmSync(at('gone'), { recursive: true, force: true });
    });
    const words = [...files(), ...small, '--json', at('gone/out.json'), '--run', at('kept.run.json')];
    expect(await main(words)).toBe(1);
    expect(out).toContain('Best prompt:');
    expect(err).toContain(`${at('gone/out.json')} cannot be written (there is no such file or folder).`);
    expect(err).not.toContain('--help');
    expect(readRunBundle(await readFile(at('kept.run.json'), 'utf8'), 'x').dataset.examples).toHaveLength(45);
  });

  it('writes its result over the prompts that it started from, and leaves nothing else beside it', async () => {
    await mkdir(at('again'));
    await writeFile(at('again/best.json'), JSON.stringify(startingPrompts));
    const again = ['--data', at('data.csv'), ...contrastive, ...small];
    expect(await main([...again, '--prompts', at('again/best.json'), '--json', at('again/best.json')]), err).toBe(0);
    expect(readPrompts(await readFile(at('again/best.json'), 'utf8'), 'x').length).toBeGreaterThan(0);
    expect(await readdir(at('again'))).toEqual(['best.json']);
  });

  it('is the same for the same seed, and silent where that is wanted', async () => {
    const once = async (): Promise<unknown> => {
      expect(await main([...files(), ...small, '--quiet', '--json', at('same.json')])).toBe(0);
      const { prompts, cost } = JSON.parse(await readFile(at('same.json'), 'utf8')) as Record<string, unknown>;
      return { prompts, cost };
    };
    expect(await once()).toEqual(await once());
    expect(err).toBe('');
  });

  it('says before it starts which columns it reads, what it takes the answers for, and which rows it leaves out', async () => {
    const [head = '', ...rows] = (await readFile(at('data.csv'), 'utf8')).split('\n');
    const path = await put('unlabelled.csv', [head, 'One without a label,', ...rows].join('\n'));
    expect(await main([...files(), '--data', path, '--budget-calls', '10'])).toBe(1);
    expect(err).toContain('Reads text → label (complaint, praise, question), metric label.\n');
    expect(err).toContain('1 row left out, because no right answer is given: line 2.\n');
  });

  it('takes the column of the answer from the template file, and does not show it to the model', async () => {
    const rows = (await readFile(at('data.csv'), 'utf8')).split('\n').slice(1);
    const kinds = rows.map((row, place) => `${row},${place % 2 ? 'old' : 'new'}`);
    const path = await put('two.csv', ['text,label,kind', ...kinds].join('\n'));
    const template = await put('mapping.json', '{"mapping": {"target": ["kind"]}}');
    await main([...files(), '--data', path, '--template', template, '--budget-calls', '10']);
    expect(err).toMatch(/Reads text(, label)? → kind \(new, old\), metric label\./);
  });

  it('that the budget does not hold is refused in the words of the app', async () => {
    expect(await main([...files(), '--budget-calls', '10'])).toBe(1);
    expect(err).toContain('This run cannot start. The budget does not hold one round');
  });

  it('that cannot hold one call is refused before the start, with what one call needs', async () => {
    expect(await main([...files(), ...small, '--tokens', '50'])).toBe(1);
    expect(err).toMatch(/This run cannot start\. One call can take up to \d+ tokens .* is 50\. Raise the limit/);
    expect(out).toBe('');
  });

  it('says what it takes within its limit of tokens and of rounds, and in a trial', async () => {
    const planned = async (...more: readonly string[]): Promise<number> => {
      err = out = '';
      const pacer = ['--data', at('data.csv'), '--optimizer', 'pacer', '--seed', '7', '--calls', '400', '--test', '15'];
      expect(await main([...pacer, ...more]), err).toBe(0);
      const answers = Number(/PACER: (?:about|up to) (\d+) answers/.exec(err)?.[1]);
      expect(Number(/(\d+) evaluation calls/.exec(out)?.[1])).toBeLessThanOrEqual(answers + 30);
      return answers;
    };
    const tokens = (): number => Number(/Estimated: [\d,]+ to ([\d,]+) tokens\./.exec(err)?.[1]?.replaceAll(',', ''));
    const whole = await planned();
    const most = tokens();
    expect(await planned('--rounds', '1')).toBeLessThan(whole / 2);
    expect(tokens()).toBeLessThan(most / 2);
    expect(await planned('--trial')).toBeLessThan(whole / 2);
    expect(await planned('--tokens', '20000')).toBeLessThan(whole);
    expect(err).toMatch(/20,000 tokens hold about \d+ of 400 calls\./);
    err = '';
    expect(await main([...files(), ...small, '--tokens', '1000'])).toBe(1);
    expect(err).toMatch(/This run cannot start\. 1,000 tokens hold about \d+ of 400 calls\. .*tokens on\./);
  });

  it('takes every limit, prices and a rule for reading into the run', async () => {
    const limits = ['--calls', '300', '--tokens', '900000', '--cost', '5', '--minutes', '9', '--rounds', '1'];
    const words = [...limits, '--price', '0.5/2', '--read-after', 'Answer:', '--run', at('limits.run.json')];
    expect(await main([...files(), '--set', 'proposals=1', ...words]), err).toBe(0);
    expect(err).toMatch(/Estimated: [\d,]+ to [\d,]+ tokens, \$\d\.\d\d to \$\d\.\d\d\./);
    const first = readRunBundle(await readFile(at('limits.run.json'), 'utf8'), 'x').entries[0]?.event;
    expect(first?.type === 'run-started' && first.spec).toMatchObject({
      budget: { calls: 300, tokens: 900_000, costUsd: 5, minutes: 9, rounds: 1 },
      models: { evaluation: { price: { inputUsd: 0.5, outputUsd: 2 } }, generator: { price: { inputUsd: 0.5 } } },
      task: { reading: { type: 'after', mark: 'Answer:' } },
    });
    expect(out).toMatch(/about \$\d/);
  });

  it('starts without any prompt from some that are made from the task, says so, and goes on with the same command', async () => {
    const words = [
      '--data',
      at('data.csv'),
      ...contrastive,
      ...small,
      '--journal',
      at('made'),
      '--run',
      at('made.run.json'),
    ];
    expect(await main(words), err).toBe(0);
    expect(err).toContain('No prompts were given; these are made from the task:');
    const { entries } = readRunBundle(await readFile(at('made.run.json'), 'utf8'), 'x');
    const first = entries[0]?.event;
    if (first?.type !== 'run-started') throw new Error('no start');
    const { prompts, madePrompts } = first.spec;
    expect(madePrompts).toEqual(prompts);
    for (const prompt of prompts) {
      expect(prompt).toContain('complaint, praise, question');
      expect(err).toContain(`  ${prompt}\n`);
    }
    expect(await main(words), err).toBe(0);
    expect(err).toContain('This run has ended already');
  });

  it('can be a small trial', async () => {
    expect(await main([...files(), ...small, '--trial', '--run', at('trial.run.json')]), err).toBe(0);
    const first = readRunBundle(await readFile(at('trial.run.json'), 'utf8'), 'x').entries[0]?.event;
    if (first?.type !== 'run-started') throw new Error('no start');
    expect(first.spec.split.train.length + first.spec.split.validation.length).toBe(20);
    expect(first.spec.split.test).toEqual([]);
  });

  it('kept in a folder is shown again without a call, and another run there pays for no answer twice', async () => {
    const words = [...files(), ...small, '--journal', at('runs')];
    const result = async (path: string) => {
      const { cost, prompts } = JSON.parse(await readFile(at(path), 'utf8')) as {
        cost: { evaluationCalls: number; cachedAnswers: number };
        prompts: { prompt: string }[];
      };
      return { cost, prompts };
    };
    expect(await main([...words, '--json', at('first.json')]), err).toBe(0);
    expect(err).toContain('the same command goes on with it');
    expect(await main([...words, '--json', at('second.json')]), err).toBe(0);
    expect(err).toContain('This run has ended already');
    expect(await result('second.json')).toEqual(await result('first.json'));
    expect(await main([...words, '--calls', '390', '--json', at('third.json')]), err).toBe(0);
    const [first, third] = [await result('first.json'), await result('third.json')];
    // what ten calls less leave for the last comparison is one row less
    const texts = ({ prompts }: typeof first) => prompts.map(({ prompt }) => prompt);
    expect(texts(third)).toEqual(texts(first));
    expect(third.cost.evaluationCalls).toBe(0);
    expect(third.cost.cachedAnswers).toBeGreaterThan(100);
  });

  it('goes on where its file is damaged, and says which line it is and what is lost, also where it is to be quiet', async () => {
    const words = [...files(), ...small, '--journal', at('damaged'), '--quiet'];
    expect(await main(words), err).toBe(0);
    const [name = ''] = (await readdir(at('damaged'))).filter((file) => /^\d.*\.ndjson$/.test(file));
    const lines = (await readFile(at(`damaged/${name}`), 'utf8')).split('\n');
    const broken = lines.findIndex((line, place) => place > lines.length / 3 && !line.includes('"entries":[]'));
    lines[broken] = `x${lines[broken]?.slice(1) ?? ''}`;
    await writeFile(at(`damaged/${name}`), lines.join('\n'));
    expect(await main(words), err).toBe(0);
    expect(err).toMatch(/: line \d+ cannot be read; \d+ entries behind the gap are lost\. Answers are kept/);
    expect(err).toContain(`${at(`damaged/${name}`)}: line ${broken + 1} cannot be read`);
  });

  it('starts as a process of its own', async () => {
    const script = fileURLToPath(new URL('../../scripts/optimize.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...files(), ...small]);
    expect(stdout).toContain('Best prompt:');
    expect(stdout).toContain('Sealed test rows');
  }, 60_000);

  it('tells how it is used', async () => {
    expect(await main(['--help'])).toBe(0);
    expect(out).toContain('--data FILE');
    expect(out).toMatch(/Exit codes\n {2}0 done, 1 .*, 2 .*, 130 interrupted/);
  });
});

describe('the key', () => {
  const given = (...more: string[]) => {
    const found = readArguments([
      '--data',
      'd',
      '--prompts',
      'p',
      '--base-url',
      'https://one/v1',
      '--model',
      'm',
      ...more,
    ]);
    if (found.help) throw new Error('no help was asked for');
    return secretsFromEnvironment(found);
  };
  const at = (baseUrl: string) => ({ provider: 'openai-compatible', values: { baseUrl, model: 'm' } });

  it('comes from a variable of our own: a key of another tool is not sent to an address that it was not made for', () => {
    vi.stubEnv('APG_API_KEY', 'first');
    vi.stubEnv('OPENAI_API_KEY', 'second');
    expect(given()(at('https://one/v1'))).toEqual({ apiKey: 'first' });
    vi.stubEnv('APG_API_KEY', undefined);
    expect(given()(at('https://one/v1'))).toEqual({ apiKey: '' });
  });

  it('of one endpoint is never sent to the other', () => {
    vi.stubEnv('APG_API_KEY', 'first');
    vi.stubEnv('APG_GENERATOR_API_KEY', 'other');
    const secrets = given('--generator-base-url', 'https://two/v1');
    expect(secrets(at('https://one/v1'))).toEqual({ apiKey: 'first' });
    expect(secrets(at('https://two/v1'))).toEqual({ apiKey: 'other' });
    vi.stubEnv('APG_GENERATOR_API_KEY', undefined);
    expect(secrets(at('https://two/v1'))).toEqual({ apiKey: '' });
  });
});
