import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { isCompletionRow } from '../support/fault-server/ledger.ts';
import { concurrency, liveThrough, type LivedRun } from '../support/lived-run.ts';

/** The page or the whole machine stands still in the middle of a run, or is out of sight; the server does not wait for it. */

const patience = { timeout: 30_000, interval: 20 };
const allAnswered = (run: LivedRun): Promise<void> => vi.waitFor(() => expect(run.underWay).toBe(0), patience);
/** A busy machine takes its time to stop a page's threads: until then they send what they had begun. */
const untilSilent = (run: LivedRun): Promise<void> =>
  vi.waitFor(async () => {
    const { sent } = run;
    await delay(1500);
    expect(run.underWay).toBe(0);
    expect(run.sent, 'sent by a page that is not shown').toBe(sent);
  }, patience);
/** Requests that came after this moment of the server's clock, and within so many milliseconds of it. */
const sentWithin = ({ server }: LivedRun, fromMs: number, ms: number): number =>
  server.ledger.filter((row) => isCompletionRow(row) && row.atMs >= fromMs && row.atMs < fromMs + ms).length;
const lastMs = ({ server }: LivedRun): number => server.ledger.at(-1)?.atMs ?? 0;

it('B08 C03 sleep: answers that came meanwhile are kept although their time was over, and no storm follows', () =>
  liveThrough(
    async (run) => {
      await run.midway();
      run.server.set({ latency: { type: 'fixed', ms: 2000 } });
      await allAnswered(run);
      await run.calls(concurrency);
      process.kill(-run.browser.pid, 'SIGSTOP');
      await allAnswered(run);
      const { sent } = run; // with what was still on its way when the browser stood still
      run.server.set({ latency: { type: 'fixed', ms: 100 } });
      await delay(10_000); // beyond the deadline of the calls
      expect(run.sent).toBe(sent);
      const wokeMs = lastMs(run);
      process.kill(-run.browser.pid, 'SIGCONT');
      await run.finish(0);
      expect(sentWithin(run, wokeMs + 1, 1000)).toBeLessThan(40);
    },
    { fields: { 'Longest wait for one answer (s)': 5 } },
  ));

it('B10 a frozen tab: answers that come meanwhile are kept, and it goes on when it wakes', () =>
  liveThrough(async (run) => {
    await run.midway();
    await run.letGo();
    const tab = await run.browser.pipe.tab(run.host.url);
    await run.browser.pipe.open('about:blank');
    await tab.setState('frozen');
    await untilSilent(run);
    await tab.setState('active');
    await run.calls(1);
    await run.hold();
    await run.finish(0);
  }));

it('B15 a page that is busy for seconds: the engine goes on in its thread', () =>
  liveThrough(async (run) => {
    await run.midway();
    const before = run.sent;
    const busy = run.page.evaluate(() => {
      const end = performance.now() + 4000;
      while (performance.now() < end);
    });
    const during = busy.then(() => run.sent - before);
    expect(await during).toBeGreaterThan(10);
    await run.finish(0);
  }));

it('B11 away and back: the run is let go, and taken up again by the same page', () =>
  liveThrough(async (run) => {
    const { page } = run;
    await page.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) =>
        document.documentElement.setAttribute('data-kept', `${persisted}`),
      ),
    );
    await run.midway();
    await page.goto('about:blank');
    await untilSilent(run);
    await page.goBack({ waitUntil: 'commit' });
    await run.calls(1);
    expect(await page.locator('html').getAttribute('data-kept'), 'kept by the browser for the way back').toBe('true');
    await run.finish();
  }));

it('T03 the driving tab is left for another page and kept for the way back: another tab takes over within 12 seconds', () =>
  liveThrough(async (run) => {
    await run.midway();
    const left = run.page;
    run.app = await run.another();
    await run.app.untilState('Running in another tab');
    const { sent } = run;
    await left.goto('about:blank');
    const leftAt = performance.now();
    await allAnswered(run);
    await vi.waitFor(() => expect(run.sent).toBeGreaterThan(sent + concurrency), patience);
    expect(performance.now() - leftAt).toBeLessThan(12_000);
    await run.finish();
    await left.goBack({ waitUntil: 'commit' });
    await left.locator('main header .badge', { hasText: 'Finished' }).waitFor();
  }));

const windowMs = 9000;
it('B09 P14 a hidden tab keeps nine tenths of its speed', () =>
  liveThrough(
    async (run) => {
      const answeredIn = async (state: 'visible' | 'hidden'): Promise<number> => {
        const tab = await run.browser.pipe.tab(run.host.url);
        expect(await tab.evaluate('document.visibilityState')).toBe(state);
        await delay(1000);
        const before = run.answered;
        await delay(windowMs);
        return run.answered - before;
      };
      await run.midway();
      await run.letGo();
      const visible = await answeredIn('visible');
      await run.browser.pipe.open('about:blank');
      const hidden = await answeredIn('hidden');
      expect(visible).toBeGreaterThan(30);
      expect(hidden).toBeGreaterThanOrEqual(0.9 * visible);
    },
    {
      // what a browser does to timers after five minutes, after one second
      flags: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'],
      server: { latency: { type: 'fixed', ms: 300 } },
      fields: { Rounds: 30, 'New prompts per round': 4 },
    },
  ));
