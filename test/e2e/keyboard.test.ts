import { expect, it } from 'vitest';
import { visit } from '../support/app.ts';
import { madeFile } from '../support/made-set.ts';

it('takes the keyboard alone from the first page through a simulated run to a file', () =>
  visit(async (app) => {
    const { page } = app;
    await app.tabTo(app.button('Start a simulated run'));
    await app.key('Enter');
    await app.heading('New run').waitFor();
    await app.tabTo(app.button('Start the run'));
    await app.key('Space');
    await page.waitForURL(/#\/runs\/./);
    await app.untilEnded();

    // one stop for all tabs, arrows within
    await app.tabTo(app.tab('Curve'));
    await app.key('ArrowRight', 'End', 'ArrowLeft');
    expect(await app.tab('Result').getAttribute('aria-selected')).toBe('true');
    const button = app.button(/^Best prompts/);
    await app.tabTo(button);
    const download = page.waitForEvent('download');
    await app.key('Enter');
    expect((await download).suggestedFilename()).toMatch(/\.prompts\.json$/);

    // points of the curve are read out one by one
    await app.tabTo(app.tab('Result'));
    await app.key('Home');
    expect(await app.tab('Curve').getAttribute('aria-selected')).toBe('true');
    const reader = page.getByRole('slider', { name: 'Point of the curve' });
    await app.tabTo(reader);
    await app.key('Home');
    const firstPoint = await reader.getAttribute('aria-valuetext');
    expect(firstPoint).toMatch(/%/);
    await app.key('End');
    expect(await reader.getAttribute('aria-valuetext')).not.toBe(firstPoint);
    await app.key('Enter');
    await page.getByRole('tabpanel', { name: /^Prompts/ }).waitFor();
  }));

it('takes the keyboard alone from a file to a data set, and to a question before it is deleted', () =>
  visit(async (app) => {
    const { page } = app;
    await app.tabTo(page.getByRole('link', { name: 'Use my data' }));
    await app.key('Enter');
    await app.heading('Data').waitFor();
    await app.tabTo(app.button(/^Choose a file/));
    const chooser = page.waitForEvent('filechooser');
    await app.key('Enter');
    // the picker belongs to the browser
    await (await chooser).setFiles({ name: madeFile.name, mimeType: 'text/csv', buffer: Buffer.from(madeFile.text) });
    await app.heading(`Import ${madeFile.name}`).waitFor();

    const role = page.getByLabel('Use “label” as');
    await app.tabTo(role);
    await app.key('ArrowUp');
    await expect.poll(() => role.inputValue()).toBe('input');
    await app.key('ArrowDown');
    await expect.poll(() => role.inputValue()).toBe('answer');
    const name = app.label('Name of the data set');
    await app.tabTo(name);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('By hand');
    await app.key('Enter');
    await app.heading('By hand').waitFor();

    await app.tabTo(app.button('Delete'));
    await app.key('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete this data set?' });
    await dialog.waitFor();
    await app.key('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await app.button('Delete').evaluate((element) => element === document.activeElement)).toBe(true);
    await app.key('Enter');
    await app.tabTo(dialog.getByRole('button', { name: 'Delete', exact: true }));
    await app.key('Space');
    await app.heading('Data').waitFor();
    await page.getByText('“By hand” is deleted.').waitFor();
    expect(await app.records('datasets')).toEqual([]);
  }));
