import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { finishedRun } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';
import { faultsOfPage, showRun } from '../support/shown-run.ts';

const panel = () => page.getByRole('tabpanel');
const tab = (name: RegExp) => page.getByRole('tab', { name });

describe('the race of a run', () => {
  it('shows what is kept, who ran on which rows, and which ways of writing prompts pay', async () => {
    await showRun(raceRun(), 'race');
    const kept = panel().getByRole('region', { name: 'Prompts that are kept to build on' });
    await expect.element(kept.getByRole('row').nth(1)).toHaveTextContent(/best so far/);
    const race = panel().getByRole('region', { name: 'Race, rung by rung' });
    await expect.element(race.getByRole('columnheader', { name: '5 rows' })).toBeVisible();
    await expect.element(race.getByText('✗ out').first()).toBeVisible();
    const ways = panel().getByRole('region', { name: 'Ways of writing prompts' });
    await expect.element(ways.getByRole('row', { name: /Learn from mistakes/ })).toBeVisible();
  });

  it('goes back to the race of the starting prompts, by keyboard', async () => {
    await showRun(raceRun(), 'race');
    const choice = page.getByRole('combobox', { name: 'Which race' });
    await expect.element(choice).toHaveDisplayValue('Round 8 (newest)');
    await choice.selectOptions('Starting prompts');
    await expect.element(panel().getByRole('columnheader', { name: '8 rows' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'The race before' })).toBeDisabled();
    page.getByRole('button', { name: 'The race after' }).element().focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(choice).toHaveDisplayValue('Round 1');
  });

  it('is followed live, unless one looks at an earlier one', async () => {
    const run = raceRun({ going: true, seed: 4 });
    const whole = run.entries.length;
    const cut = run.entries.findLastIndex(
      ({ event }) => event.type === 'search' && event.fact.type === 'round-started',
    );
    const tail = run.entries.splice(cut);
    const { engine } = await showRun(run, 'race', true);
    const choice = page.getByRole('combobox', { name: 'Which race' });
    await expect.element(choice).toHaveDisplayValue('Round 7 (newest)');
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(choice).toHaveDisplayValue('Round 8 (newest)');
    await expect.element(panel().getByText('running').first()).toBeVisible();
    expect(run.entries.length + tail.length).toBe(whole);
  });

  it('is told round by round as well: the way each prompt was written in, and why it was kept or dropped', async () => {
    await showRun(raceRun(), 'rounds');
    await panel().getByRole('heading', { name: 'Round 7' }).click();
    const kept = panel().getByRole('article').filter({ hasText: '✓ kept' });
    await expect.element(kept).toHaveTextContent(/Holds its ground on all 40 train rows\./);
    await expect.element(kept).toHaveTextContent(/Learn from mistakes, from Prompt 17\./);
    const dropped = panel().getByRole('article').filter({ hasText: '– dropped' }).last();
    await expect
      .element(dropped)
      .toHaveTextContent(/right on 5 of 40 train rows .*Behind the best prompt on 5 shared rows/);
    await kept.getByRole('button', { name: 'Prompt 21' }).click();
    await expect.element(panel().getByText(/Learn from mistakes, in round 7, from/)).toBeVisible();
    await expect.element(panel().getByText(/Kept: Holds its ground/)).toBeVisible();
  });

  it('is no tab where the search does not race', async () => {
    await showRun(finishedRun(), 'race');
    await expect.element(tab(/^Result/)).toHaveAttribute('aria-selected', 'true');
    await expect.element(tab(/^Race/)).not.toBeInTheDocument();
  });

  it.each(['light', 'dark'] as const)('has no fault that axe finds in the %s theme', async (theme) => {
    const { app } = await showRun(raceRun(), 'race');
    app.setTheme(theme);
    await expect.element(panel().getByRole('heading', { name: /^Race/ })).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });
});
