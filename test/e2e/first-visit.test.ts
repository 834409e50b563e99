import * as v from 'valibot';
import { expect, it } from 'vitest';
import { BestPromptsFile } from '#exporters/best-prompts.ts';
import { visit } from '../support/app.ts';

it('shows at once what this is, and three ways to begin', () =>
  visit(async ({ page }) => {
    await page.getByRole('button', { name: 'Start a simulated run' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.title()).toContain('Automated Prompt Generator');
    expect((await page.locator('main').innerText()).length).toBeGreaterThan(300);
  }));

it('gets from the first page to a growing curve with two presses, and from there to a prompt in a file, without any key', () =>
  visit(async (app) => {
    const { page } = app;
    await app.press('Start a simulated run');
    await page.getByText('Simulated: no language model is running.').first().waitFor();
    await app.press('Start the run');
    await page.waitForURL(/#\/runs\/./);
    await page.getByText('Simulated: no language model is running.').first().waitFor();
    await app.untilEnded();
    const result = await app.showTab('Result');
    await result.getByRole('heading', { level: 2, name: /^(Better|Worse|No better|Cannot tell): / }).waitFor();
    expect(await page.getByText('Simulated: no language model is running.').count()).toBeGreaterThan(0);

    const file = await app.save(/^Best prompts/);
    expect(file.name).toMatch(/^[\p{L}\p{N}-]+\.prompts\.json$/u);
    const best = v.parse(BestPromptsFile, JSON.parse(file.text));
    expect(best.models.evaluation.simulated && best.models.generator.simulated).toBe(true);
    expect(best.prompts.length).toBeGreaterThan(4);
    expect(best.prompts.map(({ rank }) => rank)).toEqual(best.prompts.map((_, index) => index + 1));
    const [first] = best.prompts;
    expect(first?.messages.map(({ content }) => content).join('\n')).toContain(first?.prompt);
    const spent = best.cost.evaluationCalls + best.cost.generatorCalls;
    expect(spent).toBeGreaterThan(100);

    // the same file opens as starting prompts of the next run
    await page.getByRole('link', { name: 'New run', exact: true }).first().click();
    await app.press(/^Use it\s*Reading comprehension$/);
    await app.chooseFile('Open prompts from a file', file);
    await page.getByText(`added from ${file.name}`).waitFor();
    const texts = await page
      .getByLabel(/^Prompt \d+$/)
      .evaluateAll((fields) => fields.map((field) => (field as HTMLTextAreaElement).value));
    expect(texts).toEqual(expect.arrayContaining(best.prompts.map(({ prompt }) => prompt)));
  }));

// A promise about time is kept when it can be kept: a busy machine gets two more tries.
it('shows numbers on the curve within five seconds of the start', { retry: 2 }, () =>
  visit(async (app) => {
    await app.press('Start a simulated run');
    await app.press('Start the run');
    const started = performance.now();
    await app.page.getByText('Show as table').click();
    const numbers = app.page.getByRole('region', { name: /^Scores of all prompts/ });
    await numbers
      .getByRole('cell', { name: /^\d+(\.\d)?\s%$/ })
      .first()
      .waitFor();
    expect(performance.now() - started, 'milliseconds').toBeLessThan(5000);
  }),
);
