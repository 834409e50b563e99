import { expect, it, onTestFinished } from 'vitest';
import type { RunId } from '#core/id.ts';
import type { RunHead } from '#core/run.ts';
import type { App } from '#state/app.svelte.ts';
import { RunDigests } from '#state/run-digests.svelte.ts';
import { finishedRun } from '../support/hand-made-run.ts';

const run = finishedRun();
const heads = Array.from({ length: 6 }, (_, index): RunHead => ({
  id: `run-${index}` as RunId,
  name: 'A run',
  dataset: run.dataset.id,
  startedAt: 0,
  simulated: true,
}));

function openDigests(read: (id: RunId) => Promise<typeof run.entries>): RunDigests {
  const app = {
    storage: { journal: { read } },
    engine: { onEntries: () => () => undefined },
    hints: { on: () => () => undefined },
  };
  const digests = new RunDigests(app as unknown as App, () => Promise.resolve('nobody'));
  onTestFinished(() => digests.close());
  return digests;
}

it('a run that cannot be read does not hide the others', async () => {
  const digests = openDigests((id) =>
    id === heads[1]?.id ? Promise.reject(new Error('The disk is gone')) : Promise.resolve(run.entries),
  );
  await Promise.all([digests.read(heads), digests.read(heads)]);
  expect(digests.of('run-5' as RunId)).toMatchObject({
    tried: 'simulated · Contrastive (APG)',
    best: { split: 'test' },
  });
  expect(heads.map(({ id }) => digests.isUnreadable(id))).toEqual([false, true, false, false, false, false]);
});
