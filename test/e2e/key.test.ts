import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { visit } from '../support/app.ts';
import { prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

it('X01 P16: sends a key to the server it was typed for, as its authorization, and puts it nowhere else', async () => {
  const key = `sk-canary-${randomBytes(18).toString('hex')}`;
  const own = await startKnowingServer({ key });
  const other = await startKnowingServer();
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: own.baseUrl, key, model: 'test-model' });
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        const shown = [await page.content()];
        // the key has left the form, and with it the document
        const typed = (): Promise<readonly string[]> =>
          page.locator('input').evaluateAll((all) => all.map((input) => (input as HTMLInputElement).value));
        expect(await typed()).not.toContain(key);
        const inMemory = page.getByText(`A key for ${new URL(own.origin).host} is in memory and will be used.`);
        await inMemory.waitFor();

        // the address changes: the key stays behind
        await app.setServer({ baseUrl: other.baseUrl });
        expect(await inMemory.count()).toBe(0);
        await app.press('Load models');
        await app.button('other-model').waitFor();
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        await app.setServer({ baseUrl: own.baseUrl });
        await inMemory.waitFor();

        await app.start();
        await app.untilState('Finished');
        shown.push(await page.content());
        await app.showTab('Result');
        const files = [];
        for (const name of [/^Best prompts/, /^Curve \(CSV\)/, /^All answers/, /^Whole run/])
          files.push(await app.save(name));
        shown.push(await page.content());
        await app.showTab('Prompts');
        shown.push(await page.content());
        for (const name of ['Home', 'Runs', 'Settings'] as const) {
          await app.goTo(name);
          await app.page.getByRole('heading', { level: 1 }).waitFor();
          shown.push(await page.content());
        }
        const kept = await page.evaluate(async () => ({
          local: Object.entries(localStorage),
          session: Object.entries(sessionStorage),
          caches: await caches.keys(),
          state: history.state as unknown,
          cookies: document.cookie,
        }));
        const dump = await app.dump();
        expect(Object.values(dump).flatMap((stores) => stores['journal'] ?? []).length).toBeGreaterThan(0);
        const places = {
          IndexedDB: JSON.stringify(dump),
          'other storage': JSON.stringify([kept, await page.context().storageState({ indexedDB: true })]),
          'a download': JSON.stringify(files),
          'an address': JSON.stringify(app.requests.map((request) => request.url())) + page.url(),
          'the console': app.said.join('\n'),
          'the page': shown.join('\n'),
          'the body of a request': JSON.stringify(app.requests.map((request) => request.postData())),
        };
        const found = Object.entries(places).filter(([, text]) => text.includes(key));
        expect(found.map(([place]) => place)).toEqual([]);
        expect(places.IndexedDB, 'the dump holds what it should').toContain(own.baseUrl);
      },
      { servers: [own, other] },
    );

    const questions = own.calls.filter(({ method }) => method !== 'OPTIONS');
    expect(questions.length).toBeGreaterThan(20);
    for (const { headers } of questions) expect(headers.authorization).toBe(`Bearer ${key}`);
    const elsewhere = own.calls.map(({ headers: { authorization: _, ...headers }, path, body }) => ({
      headers,
      path,
      body,
    }));
    expect(JSON.stringify(elsewhere)).not.toContain(key);
    expect(JSON.stringify(other.calls)).not.toContain(key);
    // a server with a strict list of headers would refuse the SDK's own
    for (const { headers } of [...own.calls, ...other.calls]) {
      const wanted = headers['access-control-request-headers'] ?? '';
      expect([...Object.keys(headers), wanted].join()).not.toContain('x-stainless');
      for (const name of wanted.split(',').filter(Boolean)) expect(['authorization', 'content-type']).toContain(name);
    }
  } finally {
    await Promise.all([own.close(), other.close()]);
  }
});
