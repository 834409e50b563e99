import { expect, it } from 'vitest';
import { readRunBundle } from '#exporters/index.ts';
import { visit } from '../support/app.ts';
import { madeFile, makeSmall } from '../support/made-set.ts';

it('starts without any prompt: those made from the task are shown, can be changed, and are named in the result', () =>
  visit(async (app) => {
    const { page } = app;
    await app.importFile(madeFile);
    await app.press('New run with this data');
    await makeSmall(app);
    const made = page.getByRole('list', { name: 'Prompts made from your task' }).getByRole('listitem');
    const texts = await made.allInnerTexts();
    expect(texts.length).toBeGreaterThan(1);
    await page.getByText(`${texts.length} starting prompts made from your task`).waitFor();

    // one of the person's own takes their place
    await app.label('Prompt 1').fill('Name the label.');
    await page.getByText('1 starting prompt, then').waitFor();
    expect(await made.count()).toBe(0);
    await app.label('Prompt 1').fill('');

    await app.press('Edit them');
    const badges = page.locator('#new-run-prompts').getByText('made from your task', { exact: true });
    expect(await badges.count()).toBe(texts.length);
    await app.label('Prompt 1').fill('Say which label fits.');
    expect(await badges.count()).toBe(texts.length - 1);
    await app.start();
    await app.untilState('Finished');

    const prompts = await app.showTab('Prompts');
    await prompts.getByRole('radio', { name: 'Family' }).check();
    await prompts.getByText('Made from your task').first().waitFor();
    const result = await app.showTab('Result');
    await result.getByRole('heading', { level: 2, name: /^(Better|Worse|No better|Cannot tell): / }).waitFor();
    const { entries } = readRunBundle((await app.save(/^Whole run/)).text, 'run.json');
    const first = entries[0]?.event;
    expect(first?.type === 'run-started' && first.spec).toMatchObject({
      prompts: ['Say which label fits.', ...texts.slice(1)],
      madePrompts: texts.slice(1),
    });
  }));
