import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { expect, inject, it, vi } from 'vitest';
import { launchOptions } from '../../scripts/chrome.mjs';
import { AppVisit } from '../support/app.ts';
import { isCompletionRow } from '../support/fault-server/ledger.ts';
import { concurrency, liveThrough, withApp, type LivedRun } from '../support/lived-run.ts';
import { madeFile } from '../support/made-set.ts';
import { serveFolder } from '../support/static-server.ts';

/** What the browser gives a page is missing, or is taken away in the middle of a run: its data, its host, its time zone. */

const patience = { timeout: 30_000, interval: 20 };

const clear = async (run: LivedRun, storageTypes: string): Promise<number> => {
  const tools = await run.tools();
  await tools.send('Storage.clearDataForOrigin', { origin: new URL(run.host.url).origin, storageTypes });
  const { sent } = run;
  await run.page.getByRole('alert').filter({ hasText: 'no longer keeps anything' }).waitFor();
  await vi.waitFor(() => expect(run.underWay).toBe(0), patience);
  return sent;
};

it('S06 S07 P12 all data of the site is cleared in mid-run: it is said, nothing more is sent, and then it is a first visit', () =>
  liveThrough(async (run) => {
    await run.midway();
    const sent = await clear(run, 'all');
    await run.app.untilState('Interrupted');
    expect(run.sent - sent).toBeLessThanOrEqual(concurrency);
    await run.page.reload();
    await run.app.heading('No such run').waitFor();
    await run.app.goTo('Home');
    await run.app.button('Start a simulated run').waitFor();
  }));

it('S06 S08 P12 the database is lost in mid-run: it is said, and the run comes back from the second copy', () =>
  liveThrough(async (run) => {
    await run.midway();
    await clear(run, 'indexeddb');
    await run.page.reload();
    await run.app.goTo('Runs');
    await run.page.getByText('This browser has lost data of this app.').waitFor();
    await run.app.press('Restore 1 run');
    await run.takeUp();
    await run.finish();
  }));

it('U05 a new version is deployed in mid-run, and no file of the old one is there any more: the run goes on', () =>
  liveThrough(async (run) => {
    await run.midway();
    await run.host.close();
    const { sent } = run;
    await run.app.untilState('Finished');
    expect(run.sent).toBeGreaterThan(sent + concurrency);
    const asked = run.server.ledger.filter(isCompletionRow).map(({ call }) => call);
    expect(new Set(asked).size, 'asked once').toBe(asked.length);
    expect(await run.app.records('answers'), 'kept').toHaveLength(asked.length);
  }));

it('S17 served over plain http by another machine it says at once what is missing there, and where to open it', async () => {
  const host = await serveFolder(inject('appFolder'));
  const options = launchOptions();
  const args = [...options.args, '--host-resolver-rules=MAP intranet.test 127.0.0.1'];
  const browser = await chromium.launch({ ...options, args });
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', ({ message }) => said.push(message));
    await page.goto(host.url.replace('127.0.0.1', 'intranet.test'));
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: 'This address is not secure' }).waitFor();
    expect(await alert.textContent()).toMatch(
      /http:\/\/intranet\.test:\d+ is plain http.*over https.*http:\/\/localhost/s,
    );
    expect(said).toEqual([]);
  } finally {
    await browser.close();
    await host.close();
  }
});

it('no thread gets its script: the app opens and says so, and once it is there the next press works', async () => {
  const files: Record<string, string> = {};
  const scripts = await readdir(join(inject('appFolder'), 'assets'));
  const withhold = (name: string): void => {
    for (const script of scripts) if (script.startsWith(name)) files[join('assets', script)] = 'This is no script.';
  };
  const mend = (): void => {
    for (const name of Object.keys(files)) Reflect.deleteProperty(files, name);
  };
  await withApp(
    async (app) => {
      const { page } = app;
      await app.importFile(madeFile);
      await app.press('New run with this data');
      withhold('worker-');
      const start = app.button('Start the run');
      await start.click();
      await page
        .getByText(/The engine of the app could not be loaded/)
        .first()
        .waitFor();
      mend();
      await start.click();
      await page.waitForURL(/#\/runs\/./);

      await app.goTo('Settings');
      await page.getByRole('radio', { name: /^While a tab of this app is open/ }).check();
      await page.getByText('Keys are kept while a tab of this app is open.').waitFor();
      withhold('key-holder-');
      await page.goto('about:blank'); // the thread goes with the last page
      await vi.waitFor(async () => {
        await app.open('#/settings');
        await page.getByText(/What holds the keys for all tabs could not be loaded/).waitFor({ timeout: 3000 });
      }, patience);
    },
    { files },
  );
});

it('C02 the time zone is changed in mid-run: only the shown times change', () =>
  liveThrough(async (run) => {
    const { page } = run;
    const started = page.locator('dt', { hasText: 'Started' }).locator('xpath=following-sibling::dd[1]');
    await run.midway();
    const before = await started.innerText();
    const tools = await run.tools();
    await tools.send('Emulation.setTimezoneOverride', { timezoneId: 'Pacific/Kiritimati' });
    await run.finish(0);
    await page.reload();
    await run.app.untilState('Finished');
    expect(await started.innerText()).not.toBe(before);
  }));

it('S12 no IndexedDB: said on a page of its own', () =>
  withApp(
    async ({ page }) => {
      await page.getByText('The browser keeps nothing').waitFor();
      await page.getByText('Leave private browsing').waitFor();
    },
    { initScript: () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined }) },
  ));

it('S13 localStorage throws: the app works', () =>
  liveThrough((run) => run.finish(0), {
    initScript: () =>
      void Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('Access is denied for this document.', 'SecurityError');
        },
      }),
  }));

it('U03 an old tab holds up an upgrade: said, and it goes on when that tab is closed', () =>
  withApp(
    async ({ page }, browser, host) => {
      const old = await browser.newPage();
      await old.goto(`${host.url}other.html`);
      await old.evaluate(
        () =>
          new Promise((resolve) => {
            const request = indexedDB.open('automated-prompt-generator', 1);
            request.onupgradeneeded = () => {
              for (const name of ['journal', 'answers', 'datasets', 'rows', 'runs', 'settings'])
                request.result.createObjectStore(name);
            };
            request.onsuccess = resolve; // and stays open
          }),
      );
      const app = new AppVisit(page, host.url, [], []);
      await app.open();
      await page.getByText('Close the other tabs of this page').waitFor();
      await old.close();
      await app.press('Try again');
      await app.startSimulated();
      await app.untilEnded();
    },
    { files: { 'other.html': '<!doctype html><title>An old tab</title>' }, open: false },
  ));
