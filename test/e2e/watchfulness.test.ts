import { expect, it } from 'vitest';
import { startOpenAiServer } from '../support/openai-server.ts';
import { visit } from '../support/app.ts';

/** The other tests trust that a visit notices what must never happen. These make it happen. */

/** What the policy of the page forbids to a test as well. */
const unguarded = { context: { bypassCSP: true } };

it('notices a warning, in the page and in a worker', async () => {
  await expect(visit(({ page }) => page.evaluate(() => console.warn('careful')))).rejects.toThrow(/warning: careful/);
  await expect(
    visit(async ({ page }) => {
      const heard = page.waitForEvent('console');
      await page.evaluate(() => {
        const url = URL.createObjectURL(new Blob(['console.error("from a worker")']));
        new Worker(url);
      });
      await heard;
    }, unguarded),
  ).rejects.toThrow(/from a worker/);
});

it('notices an error that nobody caught', () =>
  expect(
    visit(async ({ page }) => {
      const heard = page.waitForEvent('pageerror');
      await page.evaluate(() => void setTimeout(() => reportError(new Error('lost')), 0));
      await heard;
    }),
  ).rejects.toThrow(/lost/));

it('notices a breach of the Content-Security-Policy', () =>
  expect(
    visit(({ page }) =>
      page.evaluate(() =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', resolve, { once: true });
          document.body.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }));
        }).then(() => undefined),
      ),
    ),
  ).rejects.toThrow(/Content-Security-Policy: style-src/));

it('notices a request to a server that was not named, also from a worker', async () => {
  const stranger = await startOpenAiServer();
  const ask = `fetch(${JSON.stringify(`${stranger.baseUrl}/models`)})`;
  try {
    await expect(visit(({ page }) => page.evaluate(`${ask}.then(() => undefined)`), unguarded)).rejects.toThrow(
      stranger.origin,
    );
    await expect(
      visit(
        ({ page }) =>
          page.evaluate(
            (source) =>
              new Promise<void>((resolve) => {
                const worker = new Worker(URL.createObjectURL(new Blob([source])));
                worker.onmessage = () => resolve();
              }),
            `${ask}.then(() => postMessage(1))`,
          ),
        unguarded,
      ),
    ).rejects.toThrow(stranger.origin);
    await visit(({ page }) => page.evaluate(`${ask}.then(() => undefined)`), { ...unguarded, servers: [stranger] });
    expect(stranger.calls.filter(({ method }) => method === 'GET')).toHaveLength(3);
  } finally {
    await stranger.close();
  }
});
