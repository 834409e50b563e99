import { expect, it, onTestFinished } from 'vitest';
import type { RunId } from '#core/id.ts';
import { headOf } from '#core/run-head.ts';
import type { RunHead } from '#core/run.ts';
import type { App } from '#state/app.svelte.ts';
import { RunDigests } from '#state/run-digests.svelte.ts';
import { memoryStorage } from '#storage/index.ts';
import { finishedRun } from '../support/hand-made-run.ts';

const run = finishedRun();
const heads = Array.from({ length: 6 }, (_, index): RunHead => ({
  id: `run-${index}` as RunId,
  name: 'A run',
  dataset: run.dataset.id,
  startedAt: 0,
  simulated: true,
}));

function openDigests(
  read: (id: RunId) => Promise<typeof run.entries>,
  { library = memoryStorage().library, refresh = () => Promise.resolve() } = {},
): RunDigests {
  const app = {
    storage: { journal: { read }, library },
    refresh,
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

it.each([true, false])(
  'a name that came to the journal and, for a tab that was killed, not to the list, is brought there; still listed: %s',
  async (listed) => {
    const { library } = memoryStorage();
    const old: RunHead = { ...headOf(run.spec, 1), name: 'Its old name' };
    if (listed) await library.putRun(old);
    let refreshed = 0;
    const digests = openDigests(() => Promise.resolve(run.entries), {
      library,
      refresh: () => Promise.resolve(void (refreshed += 1)),
    });
    await digests.read([old]);
    // a run that another tab has deleted since stays deleted
    expect(await library.runs()).toEqual(listed ? [{ ...old, name: run.spec.name }] : []);
    expect(refreshed).toBe(1);
    expect(digests.of(run.spec.id)).toBeDefined();
  },
);

it('a name that cannot be written hides no run', async () => {
  const digests = openDigests(() => Promise.resolve(run.entries), {
    library: { ...memoryStorage().library, renameRun: () => Promise.reject(new Error('The disk is full')) },
  });
  await digests.read(heads);
  expect(heads.map(({ id }) => digests.of(id)?.status)).toEqual(heads.map(() => 'ended'));
});
