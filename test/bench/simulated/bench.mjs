// @ts-check
// All optimizers in worlds without a language model: `npm run bench:simulated`. In minutes; guards the quality of search and selection.
//   --calls 200,1000,5000  --repeats 20  --optimizer pacer,gepa  --world base  --null 1000  --set NAME=VALUE (of pacer)  --json FILE
//   --variant NAME=VALUE: PACER beside itself with another setting, any number of times
//   --train 60 --validation 60: fewer rows for every search;  --without-probabilities: the model tells right or wrong answers alone
//   --grid: not in those worlds, but on the answers of a real model that test/bench/results/grids holds; --world larger_animal for one of them
//   --copies 0.5: so many texts of the generator are what it was shown, word for word
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { openSources } from '../speed/tools.mjs';

const { values: given } = parseArgs({
  options: {
    calls: { type: 'string', default: '200,1000,5000' },
    repeats: { type: 'string', default: '20' },
    optimizer: { type: 'string' },
    world: { type: 'string' },
    null: { type: 'string', default: '0' },
    set: { type: 'string', multiple: true, default: [] },
    variant: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    first: { type: 'string', default: '1' },
    train: { type: 'string' },
    copies: { type: 'string', default: '0' },
    validation: { type: 'string' },
    'without-probabilities': { type: 'boolean', default: false },
    'text-cost': { type: 'string', default: '8' },
    grid: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (given.help) {
  // the opening comment of this file
  const lines = readFileSync(new URL(import.meta.url), 'utf8')
    .split('\n')
    .slice(1);
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  console.log(comment.map((line) => line.slice(3)).join('\n'));
  process.exit();
}
const sources = await openSources();
const { optimizers } = await sources.ssrLoadModule('/src/optimizers/index.ts');
const { play } = await sources.ssrLoadModule('/test/bench/simulated/play.ts');
const { worlds, nullWorld } = await sources.ssrLoadModule('/test/bench/simulated/world.ts');

/** The same proposals for everybody: what needs no generator in the real world is switched off here. Rounds end no search. @type {Record<string, Record<string, unknown>>} */
const settings = {
  // worked examples change nothing on kept answers
  pacer: { templates: false, ...(given.grid ? { demonstrations: 0 } : {}) },
  contrastive: { rounds: 200 },
};
/** @param {string} pair */
const withPair = (pair) => {
  const [name = '', value = ''] = pair.split('=');
  return { ...settings['pacer'], [name]: Number.isNaN(Number(value)) ? value : Number(value) };
};
for (const pair of given.set) settings['pacer'] = withPair(pair);
for (const pair of given.variant) settings[pair] = withPair(pair);
/**
 * Searches that ask every prompt about every train row get as many rows as suits them best at each budget (found with `--train`);
 * with all of them they would come to no new prompt at all, or to few. Where nothing is said, a search sizes its rows by itself.
 * @type {Record<string, Record<number, number>>}
 */
const tuned = {
  ...Object.fromEntries(
    ['random-demos', 'copro', 'textgrad', 'promptwizard', 'miprov2', 'simba', 'gepa'].map((id) => [
      id,
      { 200: 10, 1000: 40, 5000: 120 },
    ]),
  ),
  contrastive: { 200: 10, 1000: 40, 5000: 30 },
  opro: { 1000: 40, 5000: 30 },
  'evoprompt-ga': { 1000: 40, 5000: 30 },
  'evoprompt-de': { 1000: 40, 5000: 30 },
  ape: { 1000: 25, 5000: 60 },
  protegi: { 5000: 60 },
  capo: { 1000: 40, 5000: 120 },
};
const ids = [...(given.optimizer?.split(',') ?? Object.keys(optimizers)), ...given.variant];
/** @param {string} id */
const optimizerOf = (id) => optimizers[given.variant.includes(id) ? 'pacer' : id];
/** Each task from the bad starting prompts alone, and with the templates among those to begin with. */
const grids = () =>
  readdirSync(new URL('../results/grids', import.meta.url))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(`../results/grids/${name}`, import.meta.url), 'utf8')))
    .flatMap((grid) => [
      { ...grid, id: grid.task, withTemplates: false },
      { ...grid, id: `${grid.task}, templates`, withTemplates: true },
    ]);
const chosen = (given.grid ? grids() : worlds)
  .filter((/** @type {{id: string}} */ { id }) => given.world === undefined || id === given.world)
  .map((/** @type {object} */ world) => ({ ...world, copies: Number(given.copies) }));
const gridRows = { train: 50, validation: 20, test: 30 };
/** @type {(id: string, calls: number) => {train: number, validation: number, test: number}} */
const rowsFor = (id, calls) => {
  const all = given.grid
    ? gridRows
    : calls <= 300
      ? { train: 100, validation: 50, test: 200 }
      : { train: 270, validation: 130, test: 200 };
  const train = Number(given.train ?? tuned[id]?.[calls] ?? all.train);
  return { ...all, train: Math.min(all.train, train), validation: Number(given.validation ?? all.validation) };
};

const mean = (/** @type {number[]} */ list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const error = (/** @type {number[]} */ list) => {
  const m = mean(list);
  return Math.sqrt(list.reduce((sum, value) => sum + (value - m) ** 2, 0) / Math.max(1, list.length - 1) / list.length);
};
const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);

if (given.grid) printGrids();
/** What is there to be found, and in which way it was written. */
function printGrids() {
  console.log(
    '\nRight answers of the prompts of each grid, %\n\n| task | way | prompts | mean | best |\n| --- | --- | --- | --- | --- |',
  );
  for (const { task, rows, prompts } of grids().filter((/** @type {any} */ { withTemplates }) => !withTemplates)) {
    /** @type {Record<string, number[]>} */
    const ways = {};
    for (const { kind, operator = kind, right } of prompts)
      (ways[operator] ??= []).push(right.replaceAll('0', '').length / rows);
    for (const [way, shares] of Object.entries(ways))
      console.log(
        `| ${task} | ${way} | ${shares.length} | ${percent(mean(shares))} | ${percent(Math.max(...shares))} |`,
      );
  }
}

const repeats = Number(given.repeats);
const textCost = Number(given['text-cost']);
const withoutProbabilities = given['without-probabilities'];
/** @type {Record<string, unknown>[]} */
const lines = [];
for (const calls of given.calls.split(',').map(Number)) {
  /** @type {Record<string, number[]>} */
  const truths = {};
  console.log(`\n${calls} calls, ${chosen.length} worlds x ${repeats} runs\n`);
  console.log(
    '| optimizer | true accuracy | ± | PACER ahead by | rows chosen on minus true | sealed minus true | regret | calls evaluation + generator | ms a run |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const id of ids) {
    const began = performance.now();
    const outcomes = chosen.flatMap((/** @type {unknown} */ world) =>
      Array.from({ length: repeats }, (_, repeat) =>
        play({
          optimizer: optimizerOf(id),
          values: settings[id] ?? {},
          world,
          seed: Number(given.first) + repeat,
          calls,
          textCost,
          rows: rowsFor(id, calls),
          withoutProbabilities,
        }),
      ),
    );
    // run by run, those of a world beside each other
    const byWorld = (/** @type {number[]} */ all) =>
      Object.fromEntries(
        chosen.map((/** @type {{ id: string }} */ world, /** @type {number} */ place) => [
          world.id,
          mean(all.slice(place * repeats, (place + 1) * repeats)),
        ]),
      );
    const of = (/** @type {string} */ name) => outcomes.map((/** @type {any} */ outcome) => outcome[name]);
    const gap = (/** @type {string} */ name) =>
      mean(outcomes.map((/** @type {any} */ outcome) => outcome[name] - outcome.truth));
    truths[id] = of('truth');
    const ahead = truths['pacer']?.map((value, index) => value - (truths[id]?.[index] ?? 0));
    const line = {
      optimizer: id,
      calls,
      truth: mean(of('truth')),
      error: error(of('truth')),
      worlds: byWorld(of('truth')),
      ahead: ahead && id !== 'pacer' ? { value: mean(ahead), error: error(ahead) } : undefined,
      optimism: gap('chosenOn'),
      sealedOptimism: gap('sealed'),
      regret: mean(outcomes.map((/** @type {any} */ { ceiling, truth }) => ceiling - truth)),
      evaluationCalls: mean(of('evaluationCalls')),
      generatorCalls: mean(of('generatorCalls')),
      runs: outcomes.length,
    };
    lines.push(line);
    const interval = line.ahead
      ? `${percent(line.ahead.value)} [${percent(line.ahead.value - 1.96 * line.ahead.error)}, ${percent(line.ahead.value + 1.96 * line.ahead.error)}]`
      : '';
    console.log(
      `| ${id} | ${percent(line.truth)} | ${percent(line.error)} | ${interval} | ${percent(line.optimism)} | ${percent(line.sealedOptimism)} | ${percent(line.regret)} | ${line.evaluationCalls.toFixed(0)} + ${line.generatorCalls.toFixed(0)} | ${((performance.now() - began) / outcomes.length).toFixed(0)} |`,
    );
  }
  printWorlds(calls);
}

/** @param {number} calls */
function printWorlds(calls) {
  const names = chosen.map((/** @type {{ id: string }} */ { id }) => id);
  console.log(
    `\nTrue accuracy by world, ${calls} calls\n\n| optimizer | ${names.join(' | ')} |\n|${' --- |'.repeat(names.length + 1)}`,
  );
  for (const { optimizer, worlds: by } of /** @type {any[]} */ (lines.filter((line) => line['calls'] === calls)))
    console.log(`| ${optimizer} | ${names.map((/** @type {string} */ name) => percent(by[name])).join(' | ')} |`);
}

const nulls = Number(given.null);
if (nulls > 0) {
  console.log(
    `\nAll prompts equal, 1,000 calls, ${nulls} runs: how often "better" is said\n\n| optimizer | better | worse |\n| --- | --- | --- |`,
  );
  for (const id of ids) {
    const verdicts = Array.from(
      { length: nulls },
      (_, repeat) =>
        play({
          optimizer: optimizerOf(id),
          values: settings[id] ?? {},
          world: nullWorld,
          seed: repeat,
          calls: 1000,
          textCost,
          rows: rowsFor(id, 1000),
          withoutProbabilities,
        }).verdict,
    );
    const count = (/** @type {string} */ verdict) => verdicts.filter((found) => found === verdict).length / nulls;
    lines.push({ optimizer: id, null: nulls, better: count('better'), worse: count('worse') });
    console.log(`| ${id} | ${percent(count('better'))} % | ${percent(count('worse'))} % |`);
  }
}
const versions = Object.fromEntries(ids.flatMap((id) => (optimizers[id] ? [[id, optimizers[id].version]] : [])));
if (given.json)
  writeFileSync(
    given.json,
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), command: `npm run bench:simulated -- ${process.argv.slice(2).join(' ')}`, versions, lines }, null, 2)}\n`,
  );
await sources.close();
