import { describe, expect, it } from 'vitest';
import { reportOf } from '#engine/report.ts';
import { settingsOf, withFoundPrompts } from '#state/run-again.ts';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { trialOf, trialRows } from '#state/trial.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

const dataset = makeDataset(90);
const whole = makeSpec(dataset, { values: { rounds: 3, proposals: 2 } });

describe('a small trial', () => {
  it('has the first train rows of the same parts, few rounds, and no sealed row', () => {
    const trial = trialOf(whole);
    expect(trial.split).toEqual({ train: whole.split.train.slice(0, trialRows), validation: [], test: [] });
    expect(trial.budget.rounds).toBe(2);
    const few = trialOf({ ...whole, split: { ...whole.split, train: whole.split.train.slice(0, 8) } });
    expect([few.split.train.length, few.split.validation.length, few.split.test.length]).toEqual([8, 12, 0]);
  });

  it('is not paid for again by the run in full, which begins with what it found', async () => {
    const machine = new Machine(dataset);
    const plain = { ...trialOf(whole), id: whole.id };
    const session = machine.open(plain);
    await session.begin(plain);
    await session.drive();
    const report = reportOf(session.state);
    if (!report) throw new Error('no report');
    expect(report.end?.outcome).toBe('budget-spent');
    const answered = machine.asked.filter(({ role }) => role === 'evaluation').map(({ body }) => body);
    expect(new Set(answered).size).toBe(answered.length);

    const draft = new RunDraft(dataset, 2, settingsOf(report.spec, withFoundPrompts(report)));
    expect(draft.split).toEqual(whole.split);
    expect(draft.startingPrompts).toEqual(expect.arrayContaining([...whole.prompts]));
    const full = draft.toSpec(1_000_000, (choice) => choice);
    const before = machine.asked.length;
    const next = machine.open(full);
    await next.begin(full);
    await next.drive();
    const paid = machine.asked.slice(before).map(({ body }) => body);
    expect(paid.filter((body) => answered.includes(body))).toEqual([]);
    expect(next.state.cachedAnswers).toBeGreaterThanOrEqual(trialRows * whole.prompts.length);
    expect(next.state.end?.outcome).toBe('finished');
  });
});
