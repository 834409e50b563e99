// @ts-check
// The origin's result in kind: from two mediocre and two gibberish prompts to a prompt that is better on sealed rows, with real local
// models. Prints a table and keeps each run in test/bench/results/reproduce.json.
//
//   node test/bench/reproduce.mjs --data DIR [--base-url URL] [--only SET] [--seed N]
//
// DIR holds the evaluation sets (SET/train.jsonl, validation.jsonl, test.jsonl) and starting_prompts.json.
// Without --base-url the local model is fetched and started (npm run models).
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startLocalModel } from '../../scripts/local-models.mjs';

const model = 'qwen2.5-coder-1.5b';
const results = new URL('./results/reproduce.json', import.meta.url);
const work = '.cache/bench';

/** What a person would say of the task, and how the answer looks. The data part of the query is that of the set's own description. */
const sets = {
  ii_larger_animal: {
    family: 'instruction_induction',
    description: 'Two animals are given. The answer is the larger one of the two, copied exactly as it is written.',
    user: '{{>prompt}}\n\nInput: {{input}}\nOutput:',
    metric: 'exact',
    answer: { type: 'text' },
  },
  ii_first_word_letter: {
    family: 'instruction_induction',
    description: 'A word is given. The answer is the first letter of the word.',
    user: '{{>prompt}}\n\nInput: {{input}}\nOutput:',
    metric: 'exact',
    answer: { type: 'text' },
  },
  ii_singular_to_plural: {
    family: 'instruction_induction',
    description: 'A noun is given. The answer is the plural of the noun.',
    user: '{{>prompt}}\n\nInput: {{input}}\nOutput:',
    metric: 'exact',
    answer: { type: 'text' },
  },
  ii_sum: {
    family: 'instruction_induction',
    description: 'Two numbers are given. The answer is their sum, in digits.',
    user: '{{>prompt}}\n\nInput: {{input}}\nOutput:',
    metric: 'exact',
    answer: { type: 'number' },
  },
  agnews: {
    family: 'classification',
    description: 'A news item is given. The answer is the section of the newspaper that it belongs to.',
    user: '{{>prompt}}\n\nText: {{text}}\nLabel:',
    metric: 'exact',
    answer: { type: 'label', labels: ['World', 'Sports', 'Business', 'Tech'] },
  },
  sst2: {
    family: 'classification',
    description: 'A sentence of a film review is given. The answer says whether the sentence is positive or negative.',
    user: '{{>prompt}}\n\nText: {{text}}\nLabel:',
    metric: 'exact',
    answer: { type: 'label', labels: ['negative', 'positive'] },
  },
};

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    'base-url': { type: 'string' },
    only: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    table: { type: 'boolean' },
  },
});

/** @param {string} path @returns {Promise<any[]>} */
async function readRows(path) {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

/** @param {string} name @param {string} data @returns {Promise<{data: string, template: string, prompts: string}>} */
async function writeFiles(name, data) {
  const set = sets[/** @type {keyof typeof sets} */ (name)];
  const rows = [];
  for (const split of ['train', 'validation', 'test']) {
    for (const row of await readRows(join(data, name, `${split}.jsonl`)))
      rows.push({ ...row.input, target: row.target });
  }
  const { families } = JSON.parse(await readFile(join(data, 'starting_prompts.json'), 'utf8'));
  const start = families[set.family];
  const files = {
    data: join(work, `${name}.json`),
    template: join(work, `${name}.template.json`),
    prompts: join(work, `${name}.prompts.json`),
  };
  const { description, user, metric, answer } = set;
  await mkdir(work, { recursive: true });
  await writeFile(files.data, JSON.stringify(rows));
  await writeFile(
    files.template,
    JSON.stringify({ description, metric, answer, maxAnswerTokens: 8, messages: [{ role: 'user', content: user }] }),
  );
  await writeFile(files.prompts, JSON.stringify([...start.mediocre, ...start.gibberish]));
  return files;
}

/** @param {readonly string[]} words @returns {Promise<void>} */
function optimize(words) {
  return new Promise((resolve, reject) => {
    const child = spawn('node', ['scripts/optimize.mjs', ...words], { stdio: 'inherit' });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`optimize ended with ${code}`))));
  });
}

/** @returns {Promise<any[]>} */
async function known() {
  try {
    return JSON.parse(await readFile(results, 'utf8'));
  } catch {
    return [];
  }
}

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** @param {readonly any[]} runs */
function printTable(runs) {
  console.log(
    '| set | rows train / validation / test | best start, test | end, test | difference, paired 95 % | calls evaluation + generator |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { set, seed, file } of runs) {
    const of = (/** @type {string | null} */ id) => file.prompts.find((/** @type {any} */ prompt) => prompt.id === id);
    const [best, baseline] = [of(file.result.best), of(file.result.baseline)];
    const { comparison } = file.result;
    const score = (/** @type {any} */ prompt) => percent(prompt?.scores.test?.accuracy?.value ?? 0);
    const { train, validation, test } = file.dataset;
    console.log(
      `| ${set} (seed ${seed}) | ${train} / ${validation} / ${test} | ${score(baseline)} | ${score(best)} | ` +
        (comparison
          ? `${percent(comparison.value)} [${percent(comparison.lo)}, ${percent(comparison.hi)}] ${comparison.verdict}`
          : 'no better prompt found') +
        ` | ${file.cost.evaluationCalls} + ${file.cost.generatorCalls} |`,
    );
  }
}

if (values.table) {
  printTable(await known());
} else {
  if (values.data === undefined) {
    console.error('--data is missing: the folder with the evaluation sets.');
    process.exit(2);
  }
  const server = values['base-url'] === undefined ? await startLocalModel({ model, parallel: 4 }) : undefined;
  const baseUrl = values['base-url'] ?? server?.baseUrl ?? '';
  try {
    for (const name of values.only ?? Object.keys(sets)) {
      const files = await writeFiles(name, values.data);
      const out = join(work, `${name}.out.json`);
      await optimize([
        ...['--data', files.data, '--template', files.template, '--prompts', files.prompts],
        ...['--base-url', baseUrl, '--model', model, '--concurrency', '4'],
        ...['--train', '20', '--validation', '20', '--test', '60', '--calls', '600'],
        ...['--optimizer', 'contrastive'],
        ...['--set', 'rounds=4', '--set', 'proposals=2', '--set', 'shownExamples=4', '--set', 'finalists=3'],
        ...['--seed', values.seed, '--json', out, '--run', join(work, `${name}.run.json`)],
      ]);
      const file = JSON.parse(await readFile(out, 'utf8'));
      const others = (await known()).filter(({ set, seed }) => set !== name || seed !== values.seed);
      await writeFile(
        results,
        `${JSON.stringify([...others, { set: name, seed: values.seed, model, file }], null, 1)}\n`,
      );
    }
  } finally {
    await server?.stop();
  }
  printTable(await known());
}
