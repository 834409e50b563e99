import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { readRunBundle } from '#exporters/index.ts';
import { visit } from '../support/app.ts';
import { madeFile, prepareSmallRun, sizes, startingPrompts, startKnowingServer } from '../support/made-set.ts';

const key = 'sk-right-one';

it('refuses a broken file with one error that names the line, keeps nothing of it, and takes the good one after it', () =>
  visit(async (app) => {
    const { page } = app;
    await app.goTo('Data');
    await app.chooseFile(/^Choose a file/, {
      name: 'broken.csv',
      text: 'text,label\nfine,a\n"never closed,b\nlast,c\n',
    });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.count()).toBe(1);
    expect(await alert.innerText()).toContain('broken.csv: the quote opened on line 3 is never closed.');
    expect(await app.records('datasets')).toEqual([]);
    expect(await app.records('rows')).toEqual([]);

    await app.chooseFile(/^Choose a file/, madeFile);
    await app.heading(`Import ${madeFile.name}`).waitFor();
    expect(await alert.count()).toBe(0);
    expect(await page.getByLabel('Use “text” as').inputValue()).toBe('input');
    expect(await page.getByLabel('Use “label” as').inputValue()).toBe('answer');
    expect(await app.records('datasets'), 'before it is saved').toEqual([]);
    await app.label('Name of the data set').fill('Made-up messages');
    await app.press('Save data set');
    await app.heading('Made-up messages').waitFor();
    expect(await app.records('datasets')).toMatchObject([{ value: { name: 'Made-up messages', examples: 24 } }]);
    expect(await app.records('rows')).toHaveLength(1);
  }));

it('tells what is wrong with a server in its own words, for each thing that can be wrong', async () => {
  const server = await startKnowingServer({ key });
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: server.baseUrl, key });

        await app.press('Load models');
        await app.press('other-model');
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        await page.getByText('“other-model” is on the server’s list of models.').waitFor();
        await page.getByText('Log-probabilities of the 20 likeliest tokens').waitFor();

        await app.keyField.fill('sk-wrong-one');
        await page.getByText('It answers', { exact: true }).waitFor({ state: 'detached' });
        await app.press('Test connection');
        await page.getByRole('alert').getByText('The key was refused').waitFor();
        expect(await page.locator('body').innerText()).not.toContain('sk-wrong-one');

        await app.setServer({ baseUrl: server.baseUrl, key, model: 'no-such-model' });
        await app.press('Test connection');
        await page.getByRole('alert').getByText('The server has no model “no-such-model”.').waitFor();
        await page.getByRole('alert').getByText('It offers: other-model, test-model.').waitFor();

        server.set({ cors: 'none' });
        await app.setServer({ baseUrl: server.baseUrl, key, model: 'test-model' });
        await app.press('Test connection');
        await page.getByRole('alert').getByText('The server does not let this page in').waitFor();
        await page.getByRole('alert').getByText(new URL(app.url).origin).first().waitFor();
      },
      { servers: [server], expected: [/status of 40[14]/, /blocked by CORS policy/, /net::ERR_FAILED/] },
    );
  } finally {
    await server.close();
  }
});

it('tunes a prompt on own rows with an own server, and the whole run opens again in another browser', async () => {
  const server = await startKnowingServer({ key });
  try {
    const { bundle, verdict, curve } = await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: server.baseUrl, key, model: 'test-model' });
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        const before = server.completions.length;
        await app.start();
        await app.untilState('Finished');
        const told = await app.showTab('Result');
        const heading = told.getByRole('heading', { level: 2 }).first();
        await heading.waitFor();
        expect(await page.getByText('Simulated').count()).toBe(0);
        const saved = {
          verdict: await heading.innerText(),
          curve: await app.save(/^Curve \(CSV\)/),
          bundle: await app.save(/^Whole run/),
        };

        const { entries } = readRunBundle(saved.bundle.text, saved.bundle.name);
        const events = entries.map(({ event }) => event);
        const probes = events.flatMap((event) => (event.type === 'model-probed' ? event.calls : []));
        const evaluated = events.filter(({ type }) => type === 'example-evaluated').length;
        const generated = events.filter(({ type }) => type === 'text-generated').length;
        expect(server.completions.length - before, 'calls at the server').toBe(
          evaluated + generated + probes.reduce((sum, calls) => sum + calls, 0),
        );
        expect(generated).toBe(2);
        return saved;
      },
      { servers: [server] },
    );

    const { data: lines } = Papa.parse<Readonly<Record<string, string>>>(curve.text, {
      header: true,
      skipEmptyLines: true,
    });
    expect(lines.map(({ prompt }) => prompt).slice(0, 2)).toEqual(startingPrompts);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      expect(Number(line['asked'])).toBe(sizes.train);
      expect(Number(line['accuracy'])).toBeGreaterThanOrEqual(0);
      expect(Number(line['accuracy'])).toBeLessThanOrEqual(1);
    }

    // nothing but the file comes along: no key, no server
    const calls = server.calls.length;
    await visit(async (app) => {
      await app.goTo('Runs');
      await app.chooseFile('Open a run from a file', bundle);
      await app.untilState('Finished');
      const told = await app.showTab('Result');
      expect(await told.getByRole('heading', { level: 2 }).first().innerText()).toBe(verdict);
      expect(await app.save(/^Whole run/)).toEqual(bundle);
      expect(await app.save(/^Curve \(CSV\)/)).toEqual(curve);
      await app.goTo('Data');
      await app.page.getByRole('link', { name: 'my messages' }).waitFor();
    });
    expect(server.calls).toHaveLength(calls);
  } finally {
    await server.close();
  }
});
