// @ts-check
// The built app in a real Chromium: `npm run bench:page -- [throughput] [long] [hidden] [resume] [--repeats 3]`.
//   throughput  1,000 evaluations at 200 ms, over HTTP/2 with 64 in flight and over HTTP/1.1 (at most 5 connections), and in turns
//               with it the floor: a bare loop of `fetch` in a worker of the same browser, with the same bodies
//   long        100,000 evaluations on the simulated model: tasks over 50 ms on the page's thread, and memory on the way
//   hidden      the rate of a visible tab against that of the same tab hidden behind another one
//   resume      20,000 answers, then SIGKILL to the browser: from the page's address, and from Resume, to the first new request
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { load, median, numberOf, openSources, spread, startServer } from './tools.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const wanted = process.argv.slice(2).filter((word) => /^[a-z]/.test(word));
const wants = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);

const folder = mkdtempSync(join(tmpdir(), 'apg-bench-'));
const vite = join(root, 'node_modules/vite/bin/vite.js');
execFileSync(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const sources = await openSources();
const { benchFile } = await sources.ssrLoadModule('/test/bench/speed/engine.ts');
const { serveFolder } = await sources.ssrLoadModule('/test/support/static-server.ts');
const { OwnBrowser } = await sources.ssrLoadModule('/test/support/own-browser.ts');
const beside = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const host = await serveFolder(folder, '/some/where/', {
  'bare.html': beside('bare.html'),
  'bare.js': beside('bare.mjs'),
  'bare-worker.js': beside('bare-worker.mjs'),
});

/** Opens a run that is begun, and goes on with it when nobody holds the page any more. @param {object} run */
async function openRun(run, flags = ['--ignore-certificate-errors']) {
  const browser = await OwnBrowser.create(flags);
  const page = await browser.start();
  await page.goto(`${host.url}#/runs`);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /Open a run from a file/ }).click();
  const buffer = Buffer.from(benchFile(run));
  await (await chooser).setFiles({ name: 'bench.json', mimeType: 'application/json', buffer });
  await page.waitForURL(/#\/runs\/./);
  await page
    .getByRole('button', { name: /^Resume/ })
    .first()
    .waitFor();
  await page.evaluate(() => {
    const tasks = /** @type {number[]} */ ([]);
    Object.assign(window, { longTasks: tasks });
    setTimeout(() => {
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
      for (const button of document.querySelectorAll('button'))
        if (button.textContent?.trim().startsWith('Resume')) button.click();
    }, 1500);
  });
  // whoever tests through a browser's tools hears of every request, which takes longer than the request
  await browser.letGo();
  return { browser, tab: await browser.pipe.tab(host.url) };
}

const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2);
const wallClock = () => performance.timeOrigin + performance.now();
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
const longest = (/** @type {number[]} */ tasks) => Math.round(Math.max(0, ...tasks));

if (wants('throughput')) {
  const repeats = numberOf('repeats', 3);
  console.log(`${repeats} repeats, median (least to most); ${load()}`);
  console.log(
    '| connection | in flight | ideal s | app | bare loop | above the floor | answered | tasks over 50 ms |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const [label, words, inFlight, times] of /** @type {[string, (string|number)[], number, number][]} */ ([
    ['HTTP/2', [200, 'h2'], 64, repeats],
    ['HTTP/1.1', [200], 5, 1],
  ])) {
    const rows = 1000;
    const idealMs = (rows * 200) / inFlight;
    /** @type {Record<'app' | 'bare' | 'answered' | 'tasks', number[]>} */
    const all = { app: [], bare: [], answered: [], tasks: [] };
    for (let repeat = 0; repeat < times; repeat++) {
      const server = await startServer(...words);
      const model = { provider: 'openai-compatible', values: { baseUrl: `${server.origin}/v1`, model: 'bench' } };
      const { browser, tab } = await openRun({
        rows,
        prompts: [`Answer yes or no (${label}).`],
        concurrency: inFlight,
        model,
      });
      /** @type {any} */
      let seen;
      do {
        await sleep(500);
        seen = await server.stats();
      } while (seen.ok < rows + 1);
      all.tasks.push(.../** @type {number[]} */ (await tab.evaluate('window.longTasks')));
      server.stop();
      // the probe is the first answer; from its end to the 1,000th row's
      all.app.push((seen.times[rows] - seen.times[0]) / idealMs);
      all.answered.push(seen.ok - 1);
      await sleep(1000); // the run comes to its end
      const other = await startServer(...words);
      const bare = await browser.pipe.open(`${host.url}bare.html`);
      await sleep(1000);
      const ms = await bare.evaluate(`askBarely('${other.origin}/v1', ${rows}, ${inFlight})`);
      all.bare.push(Number(ms) / idealMs);
      other.stop();
      await browser.remove();
    }
    console.log(
      `| ${label} | ${inFlight} | ${seconds(idealMs)} | ${spread(all.app)} | ${spread(all.bare)} | ${(median(all.app) - median(all.bare)).toFixed(3)} | ${Math.min(...all.answered)} | ${all.tasks.length} (longest ${longest(all.tasks)} ms) |`,
    );
  }
  console.log(load());
}

if (wants('long')) {
  const rows = 1000;
  const prompts = Array.from(
    { length: 100 },
    (_, index) => `Answer yes or no, in the manner of clerk number ${index}.`,
  );
  const { browser, tab } = await openRun({
    rows,
    prompts,
    concurrency: 16,
    model: { provider: 'simulated', values: { latencyMs: 60 } },
  });
  const began = performance.now();
  console.log(
    '| answers | s | a minute | page heap MB | tasks over 50 ms so far | longest ms |\n| --- | --- | --- | --- | --- | --- |',
  );
  let next = 10_000;
  while (next <= rows * prompts.length) {
    await sleep(2000);
    const text = String(await tab.evaluate("document.querySelector('main').textContent"));
    const answers = Number(/([\d,.\u202f]+)\s*of\s*[\d,.\u202f]+/.exec(text)?.[1]?.replace(/\D/g, '') ?? 0);
    if (answers < next) continue;
    const longTasks = await tab.evaluate('window.longTasks');
    const ms = performance.now() - began;
    const heap = Number(await tab.evaluate('performance.memory.usedJSHeapSize')) / 1e6;
    console.log(
      `| ${answers} | ${Math.round(ms / 1000)} | ${Math.round(answers / (ms / 60_000))} | ${heap.toFixed(0)} | ${longTasks.length} | ${longest(longTasks)} |`,
    );
    next += 10_000;
  }
  await browser.remove();
}

if (wants('hidden')) {
  const server = await startServer(100);
  const model = { provider: 'openai-compatible', values: { baseUrl: `${server.origin}/v1`, model: 'bench' } };
  // what a browser does to the timers of a hidden tab after five minutes, at once
  const flags = ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'];
  const { browser, tab } = await openRun(
    { rows: 6000, prompts: ['Answer yes or no (hidden).'], concurrency: 5, model },
    flags,
  );
  const forMs = 45_000;
  const rate = async () => {
    const before = (await server.stats()).ok;
    await sleep(forMs);
    return ((await server.stats()).ok - before) / (forMs / 1000);
  };
  await sleep(5000);
  const states = [await tab.evaluate('document.visibilityState')];
  const visible = await rate();
  await browser.pipe.open('about:blank');
  states.push(await tab.evaluate('document.visibilityState'));
  const hidden = await rate();
  console.log('| tab | answers a second | |\n| --- | --- | --- |');
  console.log(
    `| ${states[0]} | ${visible.toFixed(1)} | |\n| ${states[1]} | ${hidden.toFixed(1)} | ${((100 * hidden) / visible).toFixed(1)} % |`,
  );
  await browser.remove();
  server.stop();
}

if (wants('resume')) {
  const kept = 20_000;
  const server = await startServer(1, 'h2');
  const model = { provider: 'openai-compatible', values: { baseUrl: `${server.origin}/v1`, model: 'bench' } };
  const prompts = Array.from({ length: 25 }, (_, index) => `Answer yes or no, as clerk number ${index} (resume).`);
  const { browser, tab } = await openRun({ rows: 1000, prompts, concurrency: 64, model });
  const address = String(await tab.evaluate('location.href'));
  do await sleep(200);
  while ((await server.stats()).ok < kept + 64);
  await browser.kill();
  await sleep(500); // what was under way is answered, to nobody
  await server.reset();
  const page = await browser.start();
  const opened = wallClock();
  await page.goto(address);
  await page
    .getByRole('button', { name: /^Resume/ })
    .first()
    .click();
  const resumed = wallClock();
  /** @type {any} */
  let seen;
  do {
    await sleep(50);
    seen = await server.stats();
  } while (seen.firstMs === 0);
  const asked = seen.timeOrigin + seen.firstMs;
  console.log(
    `| answers kept | from the address to the first new request s | from Resume s | aim s | |\n| --- | --- | --- | --- | --- |\n| ${kept} and more | ${seconds(asked - opened)} | ${seconds(asked - resumed)} | 3.00 | ${load()} |`,
  );
  await browser.remove();
  server.stop();
}

await host.close();
await sources.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
