// @ts-check
// The built app in a real Chromium: `npm run bench:page [throughput] [long] [hidden]`.
//   throughput  1,000 evaluations at 200 ms, over HTTP/2 with 64 in flight and over HTTP/1.1 (at most 5 connections)
//   long        100,000 evaluations on the simulated model: tasks over 50 ms on the page's thread, and memory on the way
//   hidden      the rate of a visible tab against that of the same tab hidden behind another one
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { chromium } from 'playwright';
import { launchOptions } from '../../../scripts/chrome.mjs';
import { openSources, startServer } from './tools.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const wanted = process.argv.slice(2);
const wants = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);

const folder = mkdtempSync(join(tmpdir(), 'apg-bench-'));
const profile = mkdtempSync(join(tmpdir(), 'apg-profile-'));
execFileSync(
  process.execPath,
  [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
  { cwd: root },
);
const sources = await openSources();
const { benchFile } = await sources.ssrLoadModule('/test/bench/speed/engine.ts');
const { serveFolder } = await sources.ssrLoadModule('/test/support/static-server.ts');
const host = await serveFolder(folder);

const options = launchOptions();
const browser = await chromium.launchPersistentContext(profile, {
  ...options,
  args: [...options.args, '--ignore-certificate-errors', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
});

/** Opens a run that is begun, and goes on with it. @param {object} run */
async function openRun(run) {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    const tasks = /** @type {number[]} */ ([]);
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  await page.goto(`${host.url}#/runs`);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /Open a run from a file/ }).click();
  await (
    await chooser
  ).setFiles({ name: 'bench.json', mimeType: 'application/json', buffer: Buffer.from(benchFile(run)) });
  await page.waitForURL(/#\/runs\/./);
  await page
    .getByRole('button', { name: /^Resume/ })
    .first()
    .click();
  return page;
}

const stats = async (/** @type {string} */ origin) => (await browser.request.get(`${origin}/stats`)).json();
const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2);
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (wants('throughput')) {
  console.log(
    '| connection | in flight | s | ideal s | ratio | answered | tasks over 50 ms |\n| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const [label, words, inFlight] of /** @type {[string, (string|number)[], number][]} */ ([
    ['HTTP/2', [200, 'h2'], 64],
    ['HTTP/1.1', [200], 5],
  ])) {
    const server = await startServer(...words);
    const rows = 1000;
    const page = await openRun({
      rows,
      prompts: [`Answer yes or no (${label}).`],
      concurrency: inFlight,
      model: { provider: 'openai-compatible', values: { baseUrl: `${server.origin}/v1`, model: 'bench' } },
    });
    /** @type {any} */
    let seen;
    do {
      await sleep(250);
      seen = await stats(server.origin);
    } while (seen.ok < rows + 1);
    const longTasks = await page.evaluate(() => /** @type {any} */ (window).longTasks);
    await page.close();
    server.stop();
    // the probe is the first answer; from its end to the 1,000th row's
    const ms = seen.times[rows] - seen.times[0];
    const idealMs = (rows * 200) / inFlight;
    console.log(
      `| ${label} | ${seen.mostInFlight} | ${seconds(ms)} | ${seconds(idealMs)} | ${(ms / idealMs).toFixed(3)} | ${seen.ok - 1} | ${longTasks.length} (longest ${Math.round(Math.max(0, ...longTasks))} ms) |`,
    );
  }
}

if (wants('long')) {
  const rows = 1000;
  const prompts = Array.from(
    { length: 100 },
    (_, index) => `Answer yes or no, in the manner of clerk number ${index}.`,
  );
  const page = await openRun({
    rows,
    prompts,
    concurrency: 16,
    model: { provider: 'simulated', values: { latencyMs: 60 } },
  });
  const client = await browser.newCDPSession(page);
  const heap = async () => {
    await client.send('HeapProfiler.collectGarbage');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  };
  const began = performance.now();
  console.log(
    '| answers | s | a minute | page heap MB | tasks over 50 ms so far | longest ms |\n| --- | --- | --- | --- | --- | --- |',
  );
  let next = 10_000;
  for (;;) {
    await sleep(1000);
    const text = await page.evaluate(() => document.querySelector('main')?.textContent ?? '');
    const answers = Number(/([\d,.]+)\s*of\s*[\d,.]+\s*calls/i.exec(text)?.[1]?.replace(/\D/g, '') ?? 0);
    if (answers < next) continue;
    const longTasks = await page.evaluate(() => /** @type {any} */ (window).longTasks);
    const ms = performance.now() - began;
    console.log(
      `| ${answers} | ${Math.round(ms / 1000)} | ${Math.round(answers / (ms / 60_000))} | ${(await heap()).toFixed(1)} | ${longTasks.length} | ${Math.round(Math.max(0, ...longTasks))} |`,
    );
    next += 10_000;
    if (next > rows * prompts.length) break;
  }
  await page.close();
}

if (wants('hidden')) {
  const server = await startServer(100);
  const page = await openRun({
    rows: 5000,
    prompts: ['Answer yes or no (hidden).'],
    concurrency: 5,
    model: { provider: 'openai-compatible', values: { baseUrl: `${server.origin}/v1`, model: 'bench' } },
  });
  const forMs = 30_000;
  const rate = async () => {
    const before = (await stats(server.origin)).ok;
    await sleep(forMs);
    return ((await stats(server.origin)).ok - before) / (forMs / 1000);
  };
  await sleep(5000);
  const visible = await rate();
  // the driver of the browser keeps pages focused; a tab is hidden only by the browser's own means
  const client = await browser.newCDPSession(page);
  await client.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const cover = await browser.newPage();
  await cover.bringToFront();
  const { windowId } = await client.send('Browser.getWindowForTarget');
  await client
    .send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } })
    .catch(() => undefined);
  const state = await page.evaluate(() => document.visibilityState);
  const hidden = await rate();
  console.log('| tab | answers a second |\n| --- | --- |');
  console.log(
    `| visible | ${visible.toFixed(1)} |\n| ${state} | ${hidden.toFixed(1)} (${((100 * hidden) / visible).toFixed(1)} %) |`,
  );
  server.stop();
}

await browser.close();
await host.close();
await sources.close();
rmSync(folder, { recursive: true, force: true });
rmSync(profile, { recursive: true, force: true });
process.exit(0);
