import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readRunBundle } from '#exporters/index.ts';
import { visit } from '../support/app.ts';

/** A real run with real models comes with the app: `public/samples/recorded-run.json`. */
const file = new URL('../../public/samples/recorded-run.json', import.meta.url);

it('comes with a run that was made with real models and has ended', async () => {
  const { entries, dataset } = readRunBundle(await readFile(file, 'utf8'), 'recorded-run.json');
  const events = entries.map(({ event }) => event);
  const [start] = events;
  expect(start?.type === 'run-started' && start.spec.simulated).toBe(false);
  expect(events.at(-1)?.type).toBe('run-ended');
  expect(events.filter(({ type }) => type === 'text-generated').length).toBeGreaterThan(0);
  expect(dataset.examples.length).toBeGreaterThan(0);
});

it('opens every tab of the recorded run without a network, and writes its files', () =>
  visit(
    async (app) => {
      const { page } = app;
      await app.press('Open a recorded run');
      await page.waitForURL(/#\/runs\/./);
      await page.getByRole('tab').first().waitFor();
      await page.waitForLoadState('networkidle');
      await page.context().setOffline(true);
      const sent = app.requests.length;
      expect(await page.getByText('Simulated').count()).toBe(0);

      const curve = await app.showTab('Curve');
      await curve.getByText('Show as table').click();
      await curve
        .getByRole('cell', { name: /^\d+(\.\d)?\s%/ })
        .nth(1)
        .waitFor();

      const prompts = await app.showTab('Prompts');
      await prompts.getByRole('rowheader').first().getByRole('button').click();
      await prompts.getByRole('heading', { level: 2 }).first().waitFor();

      const rounds = await app.showTab('Rounds');
      await rounds.getByRole('heading', { name: /Round 1\b/ }).waitFor();

      const result = await app.showTab('Result');
      await result.getByRole('heading', { name: /^(Better|Worse|No better|Cannot tell): / }).waitFor();
      expect((await app.save(/^Curve \(CSV\)/)).text.split('\n').length).toBeGreaterThan(3);

      const guess = await app.showTab('Guess');
      await guess.getByRole('button', { name: 'Show the truth' }).click();
      await guess.getByText(/points? off\./).waitFor();
      // the icon is the browser's own wish
      const asked = app.requests.slice(sent).map((request) => request.url());
      expect(asked.filter((url) => !url.startsWith('blob:') && !url.endsWith('/favicon.svg'))).toEqual([]);
    },
    { expected: [/ERR_INTERNET_DISCONNECTED/] },
  ));
