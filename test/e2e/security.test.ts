import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright';
import { expect, inject, it } from 'vitest';
import { launchOptions } from '../../scripts/chrome.mjs';
import { visit } from '../support/app.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { probes, probeScript, type ProbeName } from '../support/probe.ts';
import { serveFolder } from '../support/static-server.ts';

/** What the policy of the built page forbids is tried by scripts of the page itself, against a second server that keeps books. */

type Evil = { readonly origin: string; readonly asked: readonly string[]; close(): Promise<void> };

/** Answers everybody, whatever they ask, and remembers it. */
async function startEvil(): Promise<Evil> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end('evil');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a script of the page itself found when it tried: `refused` or `done`. */
async function tryAll(page: Page, place: string, evil: Evil): Promise<Readonly<Record<ProbeName, string>>> {
  await page.evaluate((target) => document.documentElement.setAttribute('data-evil', target), evil.origin);
  await page.evaluate(`import(${JSON.stringify(`${place}probe.js`)}).then(() => undefined)`);
  const found = await page.evaluate(() => document.documentElement.getAttribute('data-found'));
  return JSON.parse(found ?? '{}') as Record<ProbeName, string>;
}

it('X05 X06 X12: scripts of the page can neither make script of text nor reach another host', async () => {
  const evil = await startEvil();
  const host = await serveFolder(inject('appFolder'), undefined, { 'probe.js': probeScript });
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage();
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const popups: string[] = [];
    await page.goto(host.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    page.on('popup', (popup) => popups.push(popup.url()));
    const found = await tryAll(page, host.url, evil);
    expect(Object.keys(found).sort()).toEqual(Object.keys(probes).sort());
    expect(Object.entries(found).filter(([, what]) => what !== 'refused')).toEqual([]);
    expect(Object.keys(found).length).toBeGreaterThanOrEqual(24);
    expect(dialogs).toBe(0);
    expect(popups).toEqual([]);
    expect(page.url()).toBe(host.url);
    expect(evil.asked, 'nothing arrived').toEqual([]);
  } finally {
    await Promise.all([browser.close(), host.close(), evil.close()]);
  }
});

it('X05 X06 X12: the same tries go through where there is no policy, so they could have failed', async () => {
  const evil = await startEvil();
  const host = await serveFolder(inject('appFolder'), undefined, {
    'probe.js': probeScript,
    'bare.html': '<!doctype html><html data-skip="form post"><title>Bare</title><body></body></html>', // it would leave the page
  });
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(`${host.url}bare.html`);
    const found = await tryAll(page, host.url, evil);
    const through = Object.values(found).filter((what) => what === 'done').length;
    expect(through, JSON.stringify(found)).toBeGreaterThanOrEqual(24);
    expect(evil.asked.length).toBeGreaterThanOrEqual(8);
  } finally {
    await Promise.all([browser.close(), host.close(), evil.close()]);
  }
});

it('X18 F8: the engine and the reader of files can ask no host that was not named, and the named one only', async () => {
  const evil = await startEvil();
  const named = await startOpenAiServer();
  try {
    await visit(
      async (app) => {
        const { page } = app;
        const ask = (address: string): Promise<readonly string[]> =>
          Promise.all(
            page.workers().map((worker) =>
              worker.evaluate(
                (target) =>
                  fetch(target).then(
                    () => 'done',
                    () => 'refused',
                  ),
                address,
              ),
            ),
          );
        // a simulated run needs nobody
        await app.startSimulated();
        await app.untilEnded();
        expect(page.workers().map((worker) => new URL(worker.url()).protocol)).toEqual(['blob:']);
        expect(await ask(evil.origin)).toEqual(['refused']);
        expect(await ask(`${named.baseUrl}/models`)).toEqual(['refused']);
        // pressed beside the address: another engine, without a reload, and the form is as it was
        await page.evaluate(() => ((window as { stays?: true }).stays = true));
        await app.goTo('Data');
        await page.getByRole('link', { name: 'Reading comprehension' }).first().click();
        await page
          .getByRole('button', { name: /^New run/ })
          .or(page.getByRole('link', { name: /^New run with/ }))
          .first()
          .click();
        await app.setServer({ baseUrl: named.baseUrl, model: 'test-model' });
        await app.fill({ 'Prompt 1': 'A prompt that was typed before.' });
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        expect(await app.label('Prompt 1').inputValue()).toBe('A prompt that was typed before.');
        expect(await page.evaluate(() => (window as { stays?: true }).stays)).toBe(true);
        await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(1);
        expect(await ask(evil.origin)).toEqual(['refused']);
        expect(await ask(`${named.baseUrl}/models`)).toEqual(['done']);
        // the frames of the page: the engine's own
        expect(page.frames().map((frame) => new URL(frame.url()).pathname.split('/').at(-1))).toEqual([
          '',
          'engine.html',
        ]);
      },
      { servers: [named], expected: [/Content.Security.Policy|violates|Fetch API cannot load/i] },
    );
    expect(evil.asked).toEqual([]);
  } finally {
    await Promise.all([evil.close(), named.close()]);
  }
});

it('X14: refuses to run inside another page, and says where to find it', async () => {
  const host = await serveFolder(inject('appFolder'));
  const around = await serveFolder(inject('appFolder'), '/', {
    'around.html': `<!doctype html><iframe src="${host.url}" width="900" height="700"></iframe>`,
  });
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(`${around.url}around.html`);
    const inner = page.frameLocator('iframe');
    await inner
      .getByText(`This app does not run inside another page. Open it in a tab of its own: ${host.url}`)
      .waitFor();
    expect(await inner.getByRole('button').count()).toBe(0);
    // the engine's frame is nothing by itself or elsewhere
    await page.goto(`${host.url}engine.html#https%3A%2F%2Fexample.com`);
    await page.getByText('does nothing by itself').waitFor();
    expect(page.workers()).toEqual([]);
  } finally {
    await Promise.all([browser.close(), host.close(), around.close()]);
  }
});
