import { expect, it } from 'vitest';
import { readRunBundle } from '#exporters/index.ts';
import { visit } from '../support/app.ts';
import { prepareSmallRun, sizes, startKnowingServer } from '../support/made-set.ts';

it('a small trial leads to the run in full, which asks nothing again', async () => {
  const server = await startKnowingServer({});
  try {
    await visit(
      async (app) => {
        await prepareSmallRun(app);
        await app.fill({ Rounds: 3 });
        await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
        await app.press('Small trial first');
        await app.page.waitForURL(/#\/runs\/./);

        await app.untilState('Budget reached');
        const asked = server.completions.map(({ body }) => JSON.stringify(body));
        await app.press('Run it in full');
        await app.heading('Plan', 2).waitFor();
        await app.start();
        await app.untilState('Finished');
        const later = server.completions.slice(asked.length).map(({ body }) => JSON.stringify(body));
        await app.showTab('Result');
        const { entries } = readRunBundle((await app.save('Save the whole run')).text, 'run.json');
        const probes = entries.reduce((sum, { event }) => sum + (event.type === 'model-probed' ? event.calls : 0), 0);
        expect(later.filter((ask) => asked.includes(ask)).length).toBeLessThanOrEqual(probes);
        const cached = entries.filter(({ event }) => event.type === 'example-evaluated' && event.result.attempts === 0);
        expect(cached.length).toBeGreaterThanOrEqual(2 * sizes.train);
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});
