import { describe, expect, it } from 'vitest';
import { withDemonstrations } from '#core/demonstrations.ts';
import type { RunSpec } from '#core/run.ts';
import { splits } from '#core/example.ts';
import { candidateId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { optimizers } from '#optimizers/index.ts';
import { reportOf } from '#engine/report.ts';
import { settingsOf } from '#state/run-again.ts';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { trialOf } from '#state/trial.ts';
import { makeDataset, makeSpec, task } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

const dataset = makeDataset(48);
const before = makeSpec(dataset, { budget: { calls: 420 } });
const { train, validation, test } = before.split;
/** Two rows to learn from, and one of each other part, as they are there when a prompt comes from a run with other parts. */
const shown = [train[0], train[3], validation[1], test[2]].flatMap((id) => id ?? []);
const prompt = withDemonstrations(
  'Name the label.',
  dataset.examples.filter(({ id }) => shown.includes(id)).map((example) => ({ example, answer: 'praise' })),
  task.template,
);
const draftOf = (optimizer: Optimizer): RunDraft => {
  const rounds = Object.hasOwn(optimizer.fields, 'rounds') ? { rounds: 2 } : {};
  return new RunDraft(dataset, 2, {
    ...settingsOf(before, [prompt, 'What is this message about?']),
    optimizer: { id: optimizer.id, values: rounds },
  });
};

describe.each(Object.entries(optimizers) as [string, Optimizer][])('a run again with %s', (_, optimizer) => {
  it('never asks a starting prompt about the rows that it shows, in whichever part they are', async () => {
    const spec = draftOf(optimizer).toSpec(1_000_000, (choice) => choice);
    const machine = new Machine(dataset);
    const state = await machine.run(spec);
    expect(state.end).toBeDefined();
    const candidate = state.candidates.get(candidateId(prompt));
    expect(candidate?.results.train.size).toBeGreaterThan(0);
    for (const split of splits)
      for (const id of shown) expect(candidate?.results[split].has(id), `${split} ${id}`).toBe(false);
    const record = reportOf(state)?.candidates.find((one) => one.candidate.prompt === prompt);
    expect(record?.candidate.demos).toEqual({
      instruction: 'Name the label.',
      examples: shown.slice(0, 2),
      elsewhere: shown.slice(2),
    });
  });
});

describe('a small trial', () => {
  it('knows of the rows that a prompt shows which of them are its own', async () => {
    const spec = trialOf(draftOf(optimizers.contrastive).toSpec(1_000_000, (choice) => choice));
    const state = await new Machine(dataset).run({
      ...spec,
      split: { ...spec.split, train: spec.split.train.slice(1) },
    });
    expect(state.candidates.get(candidateId(prompt))?.candidate.demos?.examples).toEqual([train[3]]);
  });
});

describe('a run on test rows that were opened before', () => {
  const next = (spec: RunSpec, isOpened: boolean, change: (draft: RunDraft) => void = () => undefined): RunSpec => {
    const draft = new RunDraft(dataset, 2, settingsOf(spec, spec.prompts, isOpened));
    change(draft);
    return draft.toSpec(1_000_000, (choice) => choice);
  };

  it('says of how many runs, from run to run', () => {
    const second = next(before, true);
    expect(second.testSeen).toBe(1);
    expect(next(second, true).testSeen).toBe(2);
    expect(next(second, false).testSeen).toBe(1);
    expect(next(before, false)).not.toHaveProperty('testSeen');
  });

  it('says whether anything that they found was handed on', () => {
    const second = next(before, true);
    expect(second.sameStart).toBe(true);
    const found = next(second, true, (draft) => (draft.prompts = [...draft.prompts, 'Found by an earlier run.']));
    expect(found).not.toHaveProperty('sameStart');
    // once handed on, it stays in all that follow
    expect(next(found, true)).not.toHaveProperty('sameStart');
    expect(next(before, false)).not.toHaveProperty('sameStart');
    const draft = new RunDraft(dataset, 2, settingsOf(before, before.prompts, true));
    expect(new RunDraft(dataset, 2, draft.toStart()).toSpec(1_000_000, (choice) => choice).sameStart).toBe(true);
  });

  it('says so where the rows are divided anew, since rows that were learned from may be test rows then', () => {
    const anew = (isOpened: boolean) => next(before, isOpened, (draft) => (draft.seed = 7));
    const known = new Set([...before.split.train, ...before.split.validation]);
    expect(anew(false).split.test.some((id) => known.has(id))).toBe(true);
    for (const isOpened of [false, true]) expect(anew(isOpened).testSeen).toBe(1);
  });

  it('does not where none of them was used before', () => {
    const [first] = before.split.test;
    const spec = { ...before, split: { train: [], validation: [], test: first ? [first] : [] } };
    const fresh = next(spec, true, (draft) => {
      draft.sizes = { train: 6, validation: 6, test: 6 };
      while (first && draft.split.test.includes(first)) draft.seed += 1;
    });
    expect(fresh).not.toHaveProperty('testSeen');
  });

  it('still says so when the page was loaded again meanwhile', () => {
    for (const seed of [2, 7]) {
      const draft = new RunDraft(dataset, 2, settingsOf(before, before.prompts, true));
      draft.seed = seed;
      const again = new RunDraft(dataset, seed, draft.toStart());
      expect(again.toSpec(1_000_000, (choice) => choice).testSeen).toBe(1);
    }
  });
});
