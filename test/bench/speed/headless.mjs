// @ts-check
// How fast the engine is against a model server that answers after 200 ms, with and without limits:
// `npm run bench:speed -- [--quick] [--repeats 5] [--at 64]`,
// or `-- --virtual` for the same on a virtual clock, which nothing else on the machine can disturb.
// Each figure is a ratio to the ideal of the same run. Beside it, taken in turns with it on the same server, stands the floor: a bare
// loop of `fetch` with the same bodies. The ideal is not within reach: 1,000 calls over 64 places are 16 turns, which makes 1.024.
// The peers' figures were taken with the same server, on one machine of two cores, with other work beside them: see README.md.
import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { askBarely } from './bare.mjs';
import { load, median, numberOf, openSources, spread, startServer } from './tools.mjs';

// every request under way listens to the one signal of its run; 0, for no limit, makes Node's `fetch` throw and catch at each request
setMaxListeners(10_000);
const sources = await openSources();
const { evaluateRows } = await sources.ssrLoadModule('/test/bench/speed/engine.ts');

if (process.argv.includes('--virtual')) {
  const { turnaround } = await sources.ssrLoadModule('/test/bench/speed/turnaround.ts');
  console.log('| in flight | a write takes ms | engine |\n| --- | --- | --- |');
  for (const inFlight of [32, 64, 128])
    for (const diskMs of [0, 5, 15]) tell([inFlight, diskMs, (await turnaround(inFlight, diskMs)).toFixed(3)]);
  await sources.close();
  process.exit(0);
}

/** Loads what is loaded on first use. */
const warm = await startServer(1);
await evaluateRows(`${warm.origin}/v1`, 50, 8);
await askBarely(`${warm.origin}/v1`, 50, 8);
warm.stop();

const rows = 1000;
const repeats = numberOf('repeats', 5);
const only = numberOf('at', 0);
console.log(`${repeats} repeats, median (least to most); ${load()}`);
console.log(
  '| server | in flight | ideal s | engine | bare loop | above the floor | right | calls | CPU s |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
);
for (const concurrency of only ? [only] : [32, 64, 128]) {
  const idealMs = (rows * 200) / concurrency;
  /** @type {Record<'engine' | 'bare' | 'cpu' | 'right' | 'besides', number[]>} */
  const seen = { engine: [], bare: [], cpu: [], right: [], besides: [] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const server = await startServer(200);
    const { ms, right, cpuMs } = await evaluateRows(`${server.origin}/v1`, rows, concurrency);
    const { ok } = await server.stats();
    server.stop();
    const other = await startServer(200);
    const bareMs = await askBarely(`${other.origin}/v1`, rows, concurrency);
    other.stop();
    seen.engine.push(ms / idealMs);
    seen.bare.push(bareMs / idealMs);
    seen.cpu.push(cpuMs / 1000);
    seen.right.push(right);
    seen.besides.push(ok - rows);
  }
  tell([
    'no limit',
    concurrency,
    (idealMs / 1000).toFixed(2),
    spread(seen.engine),
    spread(seen.bare),
    (median(seen.engine) - median(seen.bare)).toFixed(3),
    `${Math.min(...seen.right)}/${rows}`,
    `${Math.max(...seen.besides)} besides`,
    median(seen.cpu).toFixed(2),
  ]);
}
if (!process.argv.includes('--quick')) {
  const server = await startServer(200, 50, 600);
  const { ms, right, failedCalls, cpuMs } = await evaluateRows(`${server.origin}/v1`, rows, 50);
  const { rejected } = await server.stats();
  server.stop();
  const idealMs = 60_000 + (400 * 200) / 50;
  tell([
    '600 a minute',
    50,
    (idealMs / 1000).toFixed(2),
    `${(ms / idealMs).toFixed(3)} (once)`,
    '',
    '',
    `${right}/${rows}`,
    `${rejected} refused, ${failedCalls} failed`,
    (cpuMs / 1000).toFixed(2),
  ]);
}
console.log(load());
await sources.close();
process.exit(0);

/** @param {readonly (string | number)[]} cells */
function tell(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
