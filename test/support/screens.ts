import type { Locator } from 'playwright';
import type { AppVisit } from './app.ts';
import { madeFile } from './made-set.ts';
import { raceRun } from './race-run.ts';

const unfoldAll = (place: Locator): Promise<void> =>
  place.locator('details').evaluateAll((all) => {
    for (const fold of all) fold.setAttribute('open', '');
  });

/** Walks through every screen of the app, in the states that a person meets, and stops at each. */
export async function walkThroughScreens(app: AppVisit, look: (screen: string) => Promise<void>): Promise<void> {
  const { page } = app;
  const at = async (screen: string, sign: ReturnType<AppVisit['heading']>): Promise<void> => {
    await sign.waitFor();
    await look(screen);
  };
  await at('home, first visit', app.button('Start a simulated run'));
  await app.goTo('Runs');
  await at('runs, none', page.getByText('No runs yet'));
  await app.goTo('Data');
  await at('data, none', app.button(/^Choose a file/));
  await app.chooseFile(/^Choose a file/, { name: 'broken.csv', text: 'text,label\n"never closed,b\n' });
  await at('data, a broken file', page.getByRole('alert'));
  await app.chooseFile(/^Choose a file/, madeFile);
  await at('data, columns', app.button('Save data set'));
  await app.press('Save data set');
  await at('data set, saved', page.getByText('Saved.', { exact: true }));
  await app.press('Delete');
  await at('data set, the question before it goes', page.getByRole('dialog'));
  await app.key('Escape');
  await app.goTo('Data');
  await at('data, one set', page.getByRole('link', { name: 'my messages' }));
  await page.getByRole('link', { name: 'New run', exact: true }).first().click();
  await at('new run, which data', app.heading('Samples', 2));
  await app.press(/^Use this sample\s*Reading comprehension$/);
  await at('new run, simulated', app.button('Start the run'));
  await unfoldAll(page.locator('main'));
  await at('new run, all unfolded', app.button('Start the run'));
  await app.setServer({ baseUrl: 'http://192.168.7.7/v1' });
  await app.fill({ 'Training rows': 1000 });
  await at('new run, with problems', page.getByText('Before it can start:'));

  await app.goTo('Home');
  await app.startSimulated();
  await at('run, going', app.button('Pause'));
  await app.untilEnded();
  const curve = await app.showTab('Curve');
  await curve.getByText('Show as table').click();
  await at('run, curve', curve.getByRole('table').first());
  const prompts = await app.showTab('Prompts');
  await prompts.getByRole('rowheader').first().getByRole('button').click(); // the best one has answers with probabilities
  await at('run, prompts', prompts.getByRole('heading').first());
  await unfoldAll(prompts);
  await prompts.getByText('Show as table').click();
  await prompts.getByRole('columnheader', { name: 'Share right' }).waitFor();
  await at('run, prompts unfolded', prompts.getByRole('table', { name: /^Confusion matrix of (?:Prompt|Start)/ }));
  for (const view of ['Family', 'Compare two', 'Rows × prompts']) {
    await prompts.getByRole('radio', { name: view }).check();
    await at(`run, prompts: ${view}`, prompts.getByRole('heading').first());
  }
  const rounds = await app.showTab('Rounds');
  await unfoldAll(rounds);
  await at('run, rounds', rounds.getByRole('heading').first());
  const result = await app.showTab('Result');
  await at('run, result', result.getByRole('button', { name: /^Best prompts/ }));
  const guess = await app.showTab('Guess');
  await at('run, guess', guess.getByRole('button', { name: 'Show the truth' }));
  await guess.getByRole('button', { name: 'Show the truth' }).click();
  await at('run, guessed', guess.getByText(/points? off\./));
  await app.goTo('Runs');
  await at('runs, one', page.getByText(/Finished|Budget reached/).first());
  for (const seed of [1, 3]) {
    await app.goTo('Runs');
    const { bundle, spec } = raceRun({ seed, over: { name: `Race ${seed}` } });
    await app.chooseFile(/^Open a run from a file/, { name: 'race.run.json', text: JSON.stringify(bundle) });
    await page.getByRole('heading', { level: 1, name: spec.name }).waitFor();
  }
  const race = await app.showTab('Race');
  await at('run, race', race.getByRole('heading', { name: /^Ways of writing/ }));
  const raced = await app.showTab('Rounds');
  await unfoldAll(raced);
  await at('run, rounds of a race', raced.getByRole('heading').first());
  await app.goTo('Runs');
  for (const seed of [1, 3]) await page.getByRole('checkbox', { name: `Compare Race ${seed}` }).check();
  await at('runs, compared', app.heading('Runs compared', 2));
  await app.goTo('Home');
  await at('home, back again', app.heading('Latest runs', 2));
  await app.goTo('Settings');
  await at('settings', app.heading('About', 2));
  await app.press('Delete everything…');
  await at('settings, the question before all goes', page.getByRole('dialog'));
  await app.key('Escape');
  await page.goto(`${app.url}#/runs/nowhere`);
  await at('run, not there', app.heading('No such run'));
}
