import { expect, it } from 'vitest';
import { Drafts } from '#state/drafts.svelte.ts';
import { memoryStorage } from '#storage/index.ts';
import { makeDataset } from '../support/builders.ts';

const dataset = makeDataset(30);

it('a form that was filled in is put away for another, and the two change places', async () => {
  const drafts = new Drafts(memoryStorage());
  const first = await drafts.open(dataset, { prompts: ['One.'] });
  const second = await drafts.open(dataset, { prompts: ['Two.'] });
  expect(drafts.putAway, 'nothing was changed in the first').toBeUndefined();
  second.prompts = ['Two, with much thought.'];
  await drafts.leave();
  expect(drafts.current).toBe(undefined);
  expect(drafts.putAway).toBe(second);
  const third = await drafts.open(dataset);
  third.calls = 77;
  drafts.bringBack();
  expect(drafts.current).toBe(second);
  expect(drafts.putAway).toBe(third);
  drafts.bringBack();
  expect(drafts.current).toBe(third);
  expect(drafts.putAway).toBe(second);
  drafts.forget(dataset.id);
  expect(drafts.current).toBe(undefined);
  expect(drafts.putAway).toBe(undefined);
  expect(first.prompts).toEqual(['One.']);
});

it('a form from before a reload is put away too: nobody knows what was typed', async () => {
  const storage = memoryStorage();
  await storage.library.putDataset(dataset);
  const before = await new Drafts(storage).open(dataset, { prompts: ['One.'] });
  const drafts = new Drafts(storage);
  await drafts.keep({ dataset: dataset.id, seed: before.seed, start: before.toStart() });
  await drafts.restore();
  await drafts.leave();
  expect(drafts.putAway?.prompts).toEqual(['One.']);
  await drafts.restore();
  expect(drafts.current).toBeUndefined();
});
