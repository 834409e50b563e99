import { expect, it } from 'vitest';
import { visit } from '../support/app.ts';
import { prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

it('deletes everything after a word that nobody types by mistake, also in the middle of a run, and the first visit is back', async () => {
  const server = await startKnowingServer();
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await app.goTo('Settings');
        await page.getByRole('radio', { name: 'Dark' }).check();
        await app.goTo('Home');
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: server.baseUrl, key: 'sk-any', model: 'test-model' });
        server.set({ latencyMs: 200 });
        await app.start();
        await app.untilState('Running');
        await app.goTo('Settings');
        await page.getByText('1 data set, 1 run').waitFor();
        await page.getByText('There are keys for 1 address.').waitFor();

        await app.press('Delete everything…');
        const dialog = page.getByRole('dialog', { name: 'Delete everything?' });
        const button = dialog.getByRole('button', { name: 'Delete everything', exact: true });
        expect(await button.isDisabled()).toBe(true);
        await dialog.getByLabel('Type “delete” to go on').fill('delete');
        await button.click();
        await page.getByText('Everything is deleted.').waitFor();
        await page.getByText('0 data sets, 0 runs').waitFor();
        await page.getByText('No key was entered.').waitFor();

        const left = Object.values(await app.dump()).flatMap((stores) => Object.values(stores).flat());
        expect(left).toEqual([]);
        const kept = await page.evaluate(async () => ({
          local: Object.keys(localStorage),
          session: Object.keys(sessionStorage),
          caches: await caches.keys(),
        }));
        expect(kept).toEqual({ local: [], session: [], caches: [] });
        // what was on its way when the run was stopped comes to nothing
        await page.reload();
        await app.goTo('Home');
        await app.heading('Three ways to begin', 2).waitFor();
        expect(await page.getByText('Latest runs').count()).toBe(0);
        expect(Object.values(await app.dump()).flatMap((stores) => Object.values(stores).flat())).toEqual([]);
        await app.goTo('Runs');
        await page.getByText('No runs yet').waitFor();
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});
