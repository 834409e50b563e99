// @ts-check
// How fast the engine is against a model server that answers after 200 ms, with and without limits: `npm run bench:speed`.
// Each figure is a ratio to the ideal of the same run. The peers' figures were taken with the same server, on one machine of two cores,
// with other work beside them: see README.md.
import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { openSources, startServer } from './tools.mjs';

setMaxListeners(0); // every request under way listens to the one signal of its run
const sources = await openSources();
const { evaluateRows } = await sources.ssrLoadModule('/test/bench/speed/engine.ts');

/** Warms up everything that is loaded on first use. */
const warm = await startServer(1);
await evaluateRows(`${warm.origin}/v1`, 50, 8);
warm.stop();

const rows = 1000;
const lines = [];
for (const concurrency of [32, 64, 128]) {
  const server = await startServer(200);
  const { ms, right, cpuMs } = await evaluateRows(`${server.origin}/v1`, rows, concurrency);
  const { ok } = await server.stats();
  server.stop();
  const idealMs = (rows * 200) / concurrency;
  lines.push([
    'no limit',
    concurrency,
    (ms / 1000).toFixed(2),
    (idealMs / 1000).toFixed(2),
    (ms / idealMs).toFixed(3),
    `${right}/${rows}`,
    `${ok - rows} besides`,
    (cpuMs / 1000).toFixed(2),
  ]);
}
if (!process.argv.includes('--quick')) {
  const server = await startServer(200, 50, 600);
  const { ms, right, failedCalls, cpuMs } = await evaluateRows(`${server.origin}/v1`, rows, 50);
  const { rejected } = await server.stats();
  server.stop();
  const idealMs = 60_000 + (400 * 200) / 50;
  lines.push([
    '600 a minute',
    50,
    (ms / 1000).toFixed(2),
    (idealMs / 1000).toFixed(2),
    (ms / idealMs).toFixed(3),
    `${right}/${rows}`,
    `${rejected} refused, ${failedCalls} failed`,
    (cpuMs / 1000).toFixed(2),
  ]);
}
console.log(
  '| server | in flight | s | ideal s | ratio | right | calls | CPU s |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
);
for (const line of lines) console.log(`| ${line.join(' | ')} |`);
await sources.close();
process.exit(0);
