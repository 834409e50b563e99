// @ts-check
// The benchmark with real models: our optimizers and their peers, on the same rows, with the same calls, through the same proxy.
// See README.md in this folder.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '../../../scripts/patient-fetch.mjs';
import { claim } from './claims.mjs';
import { draftsTables } from './drafts-table.mjs';
import { runDrafts } from './drafts.mjs';
import { methods } from './methods.mjs';
import { optionsProblem, oursProblem } from './options.mjs';
import { gridText, measureGrid } from './grid.mjs';
import { movesTables, tallyMoves, withFresh } from './moves.mjs';
import { drawPlots } from './plots.mjs';
import { defaultShape } from './proxy.mjs';
import { appendResult, cellsOf, fileOf, isSame, isUnder, latest, readResults } from './results.mjs';
import { driftTable, table } from './table.mjs';
import { againTable, versionsTable } from './versions-table.mjs';
import { loadTask, taskNames } from './tasks.mjs';
import { openBench } from './bench.mjs';
import { runOnce } from './run.mjs';
import { measureSpread, spreadTable } from './spread.mjs';

const usage = `npm run bench:optimizers -- --data DIR [options]     runs what is not there yet; stopped at any time, it goes on with the same command
npm run bench:optimizers -- --spread --data DIR      what hand-written prompts reach on each task
npm run bench:optimizers -- --grid --data DIR        asks prompts of kept runs about the same rows, for npm run bench:simulated -- --grid
npm run bench:optimizers -- --drafts --data DIR      what a generator writes when it is told the same results in different ways; without --data: the tables
npm run bench:optimizers -- --moves                  what PACER's ways to new prompts brought in the kept runs
npm run bench:optimizers -- --table                  the tables, from the kept results
npm run bench:optimizers -- --plots                  draws the plots of the README, from the kept results

  --data DIR          folder of the evaluation sets
  --task NAME         any number of times (default: all): ${taskNames.join(', ')}
  --method NAME       any number of times (default: all): ${Object.keys(methods).join(', ')}
  --optimizer ID      an optimizer of ours with its defaults, beside the methods
  --seed N            any number of times (default: 1 2 3)
  --budget N          evaluation calls of a run, any number of times (default: 300)
  --model NAME        evaluation model (default: qwen2.5-coder-1.5b)
  --generator NAME    generator model (default: qwen2.5-coder-1.5b)
  --start bad|plain   starting prompts: two mediocre and two gibberish ones, or plain ones of a person (default: bad)
  --test-rows N       fewer test rows, for trying things out
  --grid-rows N       rows of a grid (default: 100)
  --grid-prompts N    prompts of a grid that the generator wrote, at the most (default: 26); those that they were written from come on top
  --scenes N          of --drafts: sets of prompts and results that the generator is told, of each task that has a grid (default: 5)
  --jobs N            runs at the same time (default: 1); a server works on several texts with less effort than on each alone
  --base-url URL      a model server that is running already, for both models
  --native            builds the model server for this processor first (cmake and a compiler; minutes, once)
  --results FILE      default: test/bench/results/optimizers.jsonl
  --ours NAME         method that the others are compared with in the tables (default: pacer, else contrastive)
`;

const { values } = parseArgs({
  options: {
    ...{ data: { type: 'string' }, results: { type: 'string' }, ours: { type: 'string' } },
    task: { type: 'string', multiple: true },
    method: { type: 'string', multiple: true },
    optimizer: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true, default: ['1', '2', '3'] },
    budget: { type: 'string', multiple: true, default: ['300'] },
    model: { type: 'string', default: 'qwen2.5-coder-1.5b' },
    generator: { type: 'string', default: 'qwen2.5-coder-1.5b' },
    start: { type: 'string', default: 'bad' },
    'test-rows': { type: 'string' },
    'grid-rows': { type: 'string', default: '100' },
    'grid-prompts': { type: 'string', default: '26' },
    scenes: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '1' },
    'base-url': { type: 'string' },
    native: { type: 'boolean', default: false },
    ...{
      spread: { type: 'boolean' },
      grid: { type: 'boolean' },
      drafts: { type: 'boolean' },
      moves: { type: 'boolean' },
      table: { type: 'boolean' },
      plots: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  },
});

const problem = optionsProblem(values);
if (problem) mistake(problem);

const concurrency = 4;
const cache = fileURLToPath(new URL('../../../.cache/bench/optimizers/', import.meta.url));
const results = values.results ?? fileOf('optimizers.jsonl');
const spreads = fileOf('optimizers-spread.jsonl');
const log = (/** @type {string} */ line) => console.error(line);

async function runAll() {
  const data = wanted();
  const chosen = values.method ?? (values.optimizer ? [] : Object.keys(methods));
  for (const id of values.optimizer ?? []) {
    methods[id] ??= { title: id, of: () => ({ kind: 'ours', optimizer: id, train: 60, validation: 40, set: {} }) };
    chosen.push(id);
  }
  checkNames(taskNames, values.task ?? []);
  checkNames(Object.keys(methods), chosen);
  const all = {
    tasks: values.task ?? taskNames,
    methods: chosen,
    seeds: values.seed.map(Number),
    budgets: values.budget.map(Number),
  };
  const jobs = Number(values.jobs);
  const bench = await openBench({ ...models(), cache, concurrency, jobs, log });
  const cells = cellsOf(all, { model: values.model, generator: values.generator, start: values.start }).filter(
    ({ method, budget }) => budget >= (methods[method]?.least ?? 0),
  );
  await mkdir(join(cache, 'runs'), { recursive: true });
  let failures = 0;
  /** Takes the next cell until there is none left. */
  const work = async () => {
    for (let cell = cells.shift(); cell; cell = cells.shift()) {
      const taken = cell;
      const { method, task: name, seed, budget } = cell;
      const title = `${method} on ${name}, seed ${seed}, ${budget} calls`;
      const folder = join(cache, 'runs', `${method}-${name}-${values.model}-${values.start}-${seed}-${budget}`);
      const release = await claim(`${folder}.claim`);
      if (!release) {
        log(`${title}: another process is at it.`);
        continue;
      }
      try {
        const whole = await loadTask(data, name, seed, values.start);
        const task = { ...whole, test: whole.test.slice(0, Number(values['test-rows'] ?? whole.test.length)) };
        const settings = /** @type {import('./methods.mjs').Method} */ (methods[method]).of(budget);
        const version = settings.kind === 'ours' ? bench.versionOf(settings.optimizer) : undefined;
        const conditions = {
          settings,
          shape: defaultShape,
          testRows: task.test.length,
          version,
          since: methods[method]?.since,
        };
        if ((await readResults(results)).some((done) => isSame(done, taken) && isUnder(done, conditions))) continue;
        log(`${new Date().toISOString()} ${title}`);
        const run = await runOnce({ ...bench, method, task, seed, budget, concurrency, folder });
        const prompt = task.promptsStayOut ? null : run.prompt;
        await appendResult(results, { ...cell, ...bench.stamp(), ...run, prompt });
        const { evaluation, generator } = run.counts;
        log(
          `  ${title}: ${run.test.right} of ${run.test.n} right; ${run.seconds} s, ${evaluation.calls} + ${generator.calls} calls`,
        );
      } catch (error) {
        // the next ones may work; this one is done again with the next start
        failures += 1;
        log(`  ${title} failed: ${error instanceof Error ? error.message.slice(-1500) : String(error)}`);
      } finally {
        await release();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await bench.close();
  }
  if (failures > 0) {
    log(`${failures} runs failed. The same command tries them again.`);
    process.exitCode = 1;
  }
}

async function runSpread() {
  const data = wanted();
  checkNames(taskNames, values.task ?? []);
  const bench = await openBench({ ...models(), cache, concurrency, jobs: 1, log });
  try {
    for (const name of values.task ?? taskNames) {
      const cell = {
        task: name,
        method: 'spread',
        seed: 0,
        budget: 0,
        model: values.model,
        generator: values.generator,
        start: values.start,
      };
      if ((await readResults(spreads)).some((done) => isSame(done, cell))) continue;
      const spread = await measureSpread(bench, await loadTask(data, name, 0, values.start), concurrency);
      await appendResult(spreads, { ...cell, ...bench.stamp(), ...spread });
      log(`${name}: ${spread.prompts.map(({ right }) => right).join(' ')} of ${spread.n}`);
    }
  } finally {
    await bench.close();
  }
  console.log(spreadTable(await readResults(spreads)));
}

/** One file for each task, made anew. */
async function runGrid() {
  const data = wanted();
  checkNames(taskNames, values.task ?? []);
  const bench = await openBench({ ...models(), cache, concurrency, jobs: 1, log });
  const { model, generator, start } = values;
  try {
    for (const name of values.task ?? taskNames) {
      const task = await loadTask(data, name, 1, start);
      const [rows, most] = [Number(values['grid-rows']), Number(values['grid-prompts'])];
      const grid = await measureGrid({ ...bench, task, folder: join(cache, 'runs'), rows, most, concurrency });
      const { date, command, commit, server, shape } = bench.stamp();
      const head = { task: name, model, generator, date, command, commit, server, shape };
      await mkdir(fileOf('grids'), { recursive: true });
      await writeFile(fileOf(`grids/${name}.json`), gridText({ ...head, ...grid }));
      log(`${name}: ${grid.prompts.length} prompts on ${grid.rows} rows`);
    }
  } finally {
    await bench.close();
  }
}

async function runAllDrafts() {
  const file = fileOf('drafts.jsonl');
  // without data: what is there
  if (values.data !== undefined) {
    checkNames(taskNames, values.task ?? []);
    const bench = await openBench({ ...models(), cache, concurrency, jobs: 1, log });
    const { model, generator, start, data } = values;
    const tasks = values.task ?? taskNames;
    const setting = { model, generator, start };
    try {
      await runDrafts({ bench, data, tasks, scenes: Number(values.scenes), concurrency, file, setting, log });
    } finally {
      await bench.close();
    }
  }
  console.log(draftsTables(/** @type {any} */ (await readResults(file))));
}

/** Runs that are not kept here any more stay among the tallies. */
async function runMoves() {
  const file = fileOf('moves.json');
  const kept = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'));
  const fresh = await tallyMoves(join(cache, 'runs'), (name) =>
    /^pacer-(restarts-)?(?!bare|short|without)[a-z_0-9]+-/.test(name),
  ).catch(() => []);
  const tallies = withFresh(kept, fresh);
  await writeFile(file, `[\n${tallies.map((tally) => JSON.stringify(tally)).join(',\n')}\n]\n`);
  console.log(movesTables(tallies));
}

const models = () => ({
  model: values.model,
  generator: values.generator,
  baseUrl: values['base-url'],
  native: values.native,
});

/** @param {readonly string[]} known @param {readonly string[]} given */
function checkNames(known, given) {
  for (const name of given) if (!known.includes(name)) mistake(`"${name}" is unknown. Known: ${known.join(', ')}.`);
}

const wanted = () => values.data ?? mistake(`--data is missing.\n\n${usage}`);

/** @param {string} message @returns {never} */
function mistake(message) {
  console.error(message);
  process.exit(2);
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(130)); // ends the children too
await mkdir(cache, { recursive: true });
if (values.help) console.log(usage);
else if (values.plots || values.table) {
  const all = await readResults(results);
  const kept = latest(all);
  const unknown = oursProblem(kept, values.ours);
  if (unknown) mistake(unknown);
  if (values.plots) console.log((await drawPlots(kept, values.ours)).join('\n'));
  else {
    console.log(spreadTable(await readResults(spreads)));
    console.log(table(kept, values.ours));
    console.log(`\n${versionsTable(all)}\n${againTable(all)}`);
    console.log(driftTable(all));
  }
} else if (values.spread) await runSpread();
else if (values.grid) await runGrid();
else if (values.drafts) await runAllDrafts();
else if (values.moves) await runMoves();
else await runAll();
