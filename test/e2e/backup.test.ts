import { expect, it } from 'vitest';
import { visit, type Saved } from '../support/app.ts';

it('everything comes back from a backup file in another browser, by the name that it was given', async () => {
  let file: Saved | undefined;
  let calls = '';
  await visit(async (app) => {
    await app.startSimulated();
    await app.untilEnded();
    await app.press('More');
    await app.page.getByRole('menuitem', { name: /^Rename/ }).click();
    await app.fill({ Name: 'The one for Monday' });
    await app.press('Rename');
    await app.heading('The one for Monday').waitFor();
    calls = await app.page.locator('main dl.figures').first().innerText();
    await app.goTo('Settings');
    file = await app.save('Back up everything');
  });
  if (!file) throw new Error('no backup');
  const backup = file;
  expect(backup.name).toBe('prompt-generator.backup.json');
  await visit(async (app) => {
    await app.goTo('Settings');
    await app.chooseFile('Restore a backup', backup);
    await app.page.getByText('1 data set and 1 run are back.').waitFor();
    await app.goTo('Runs');
    await app.page.getByRole('table').getByRole('link', { name: 'The one for Monday' }).click();
    await app.untilEnded();
    expect(await app.page.locator('main dl.figures').first().innerText()).toBe(calls);
  });
});
