// @ts-check
// What hand-written prompts reach: a task on which they are all alike has no headroom, and says nothing about optimizers.
import { rightOn } from './run.mjs';

/**
 * @param {{ proxy: import('./proxy.mjs').Proxy }} bench
 * @param {import('./tasks.mjs').Task} task
 * @param {number} concurrency
 * @param {number} [most]  rows
 */
export async function measureSpread({ proxy }, task, concurrency, most = 40) {
  const rows = task.pool.slice(0, most);
  const key = `spread-${task.name}`;
  proxy.open(key, { caps: { evaluation: Infinity, generator: 0 }, seed: 0, rows });
  const start = performance.now();
  const prompts = [];
  for (const [kind, list] of /** @type {const} */ ([
    ['start', task.start],
    ['hand', task.hand],
  ]))
    for (const prompt of list) {
      const right = (await rightOn(proxy, key, prompt, rows, concurrency)).filter(Boolean).length;
      prompts.push({ kind, prompt, right });
    }
  const { calls, kept } = proxy.counts(key).evaluation;
  return { n: rows.length, prompts, secondsPerCall: (performance.now() - start) / 1000 / Math.max(1, calls - kept) };
}

/** @param {readonly import('./results.mjs').Result[]} spreads */
export function spreadTable(spreads) {
  if (spreads.length === 0) return 'No spread was measured yet.\n';
  const percent = (/** @type {number} */ right, /** @type {number} */ n) => ((100 * right) / n).toFixed(0);
  const lines = spreads.map(({ task, model, n, prompts }) => {
    const of = (/** @type {string} */ kind) =>
      prompts
        .filter((/** @type {any} */ p) => p.kind === kind)
        .map((/** @type {any} */ { right }) => percent(right, n));
    return `| ${task} | ${model} | ${n} | ${of('start').join(' · ')} | ${of('hand').join(' · ')} |`;
  });
  return [
    '| task | model | rows | starting prompts, % right | hand-written prompts, % right |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
