import { expect, it, vi } from 'vitest';
import { concurrency, liveThrough, type LivedRun } from '../support/lived-run.ts';

/** Two tabs with one run: whichever is lost, frozen, doubled or old, one of them drives and nothing is asked twice for it. */

const patience = { timeout: 30_000, interval: 20 };
/** More than what was under way in the tab that drove before. */
const goesOn = async (run: LivedRun): Promise<void> => {
  const { sent } = run;
  await vi.waitFor(() => expect(run.sent).toBeGreaterThan(sent + concurrency), patience);
};

it('T02 T09 the driving tab is closed where tabs cannot speak to each other: the other takes over within 12 seconds', () =>
  liveThrough(
    async (run) => {
      await run.midway();
      const driver = run.page;
      const channels = await Promise.all(driver.workers().map((worker) => worker.evaluate('typeof BroadcastChannel')));
      expect(channels).toContain('undefined');
      run.app = await run.another();
      await run.app.untilState('Running in another tab');
      const closedAt = performance.now();
      await driver.close();
      await goesOn(run);
      expect(performance.now() - closedAt).toBeLessThan(12_000);
      await run.finish();
    },
    {
      files: { 'no-channel.js': 'delete globalThis.BroadcastChannel;' },
      initScript: () => {
        Reflect.deleteProperty(globalThis, 'BroadcastChannel');
        // the threads of the app are started by a line of text, which gets another one before it
        const before = `import ${JSON.stringify(new URL('no-channel.js', location.href).href)};`;
        globalThis.Blob = class extends Blob {
          constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
            const isThread = typeof parts[0] === 'string' && parts[0].startsWith('import ');
            super(isThread ? [before, ...parts] : parts, options);
          }
        };
      },
    },
  ));

it('T04 T05 the driving tab is frozen: another takes over by a button, and the first changes nothing when it wakes', () =>
  liveThrough(async (run) => {
    await run.midway();
    await run.letGo();
    const first = await run.browser.pipe.tab(run.host.url);
    const second = await run.browser.pipe.open(run.address);
    await first.setState('frozen');
    const button = `[...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Take over here')`;
    await vi.waitFor(async () => expect(await second.evaluate(`${button} !== undefined`)).toBe(true), patience);
    await vi.waitFor(() => expect(run.underWay).toBe(0), patience);
    const { sent } = run;
    await second.evaluate(`${button}.click()`);
    await vi.waitFor(() => expect(run.sent).toBeGreaterThan(sent), patience);
    await first.setState('active');
    await run.hold();
    await run.finish();
    await run.page.context().pages()[0]?.locator('main header .badge', { hasText: 'Finished' }).waitFor();
  }));

it('T06 a doubled tab takes over: the names of its requests are its own', () =>
  liveThrough(async (run) => {
    await run.midway();
    const [double] = await Promise.all([
      run.page.context().waitForEvent('page'),
      run.page.evaluate(() => void open(location.href)),
    ]);
    run.app = await run.another(double);
    await run.app.untilState('Running in another tab');
    await run.app.press('Take over here');
    await goesOn(run);
    await run.finish();
  }));

const holder = '<!doctype html><title>An old tab</title>';

it('T10 a newer version upgrades the database under a run: the old tab lets go, says so, and loses nothing', () =>
  liveThrough(
    async (run) => {
      await run.midway();
      const kept = (await run.app.records('answers')).length;
      const newer = await run.browser.newPage();
      await newer.goto(`${run.host.url}other.html`);
      const upgraded = await newer.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const request = indexedDB.open('automated-prompt-generator', 99);
            request.onsuccess = () => {
              request.result.close();
              resolve('upgraded');
            };
            request.onerror = () => resolve(String(request.error));
          }),
      );
      expect(upgraded).toBe('upgraded');
      await vi.waitFor(() => expect(run.underWay).toBe(0), patience);
      await run.app.untilState('Interrupted');
      await run.page.getByText('Made by a newer version').waitFor();
      const { sent } = run;
      expect((await run.app.records('answers')).length).toBeGreaterThanOrEqual(kept);
      await run.page.reload();
      await run.page.getByText('Made by a newer version').waitFor();
      expect(run.sent).toBe(sent);
    },
    { files: { 'other.html': holder } },
  ));
