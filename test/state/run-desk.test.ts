import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dataset } from '#core/example.ts';
import type { App } from '#state/app.svelte.ts';
import type { Driver } from '#state/drivers.ts';
import { RunDesk } from '#state/run-desk.svelte.ts';
import { finishedRun, start, type HandMadeRun } from '../support/hand-made-run.ts';

type Given = { readonly run?: HandMadeRun; readonly driver?: Driver };

/** A desk whose data sets are read as the test says. */
async function openDesk(
  dataset: () => Promise<Dataset | undefined>,
  { run = finishedRun(), driver = 'here' }: Given = {},
) {
  const complaints: unknown[] = [];
  const app = {
    storage: { journal: { read: (_: unknown, from = 0) => Promise.resolve(run.entries.slice(from)) } },
    engine: { onEntries: () => () => undefined },
    hints: { on: () => () => undefined },
    complain: (error: unknown) => complaints.push(error),
    dataset,
  };
  const desk = new RunDesk(app as unknown as App, run.spec.id, () => Promise.resolve(driver));
  onTestFinished(() => desk.close());
  await desk.live.loaded;
  return { desk, run, complaints };
}

describe('the rows of a run', () => {
  it('that cannot be read count as missing, which is said once, and are there as soon as they can be', async () => {
    const readings: (() => Promise<Dataset | undefined>)[] = [];
    const { desk, run, complaints } = await openDesk(() => readings.shift()?.() ?? Promise.resolve(undefined));
    const broken = new Error('The disk is gone');
    readings.push(
      () => Promise.reject(broken),
      () => Promise.reject(broken),
      () => Promise.resolve(run.dataset),
    );
    await desk.loadRows();
    expect(desk.rows.type).toBe('missing');
    await desk.loadRows();
    expect(complaints).toEqual([broken]);
    await desk.loadRows();
    expect(desk.rows).toMatchObject({ type: 'there', byId: { size: run.dataset.examples.length } });
    expect(complaints).toHaveLength(1);
  });

  it('are read once', async () => {
    let read = 0;
    const { desk } = await openDesk(() => {
      read += 1;
      return Promise.resolve(undefined);
    });
    await Promise.all([desk.loadRows(), desk.loadRows()]);
    await desk.loadRows();
    expect([read, desk.rows.type]).toEqual([1, 'missing']);
  });
});

describe('an ended run whose failed rows are asked again', () => {
  const asked = () =>
    finishedRun().answers(start('Say something.'), 'train', 7, 10, 'failed').add({ type: 'failed-reopened' });
  const doingOf = async (given: Given) => {
    const { desk } = await openDesk(() => Promise.resolve(undefined), given);
    await expect.poll(() => desk.driver).toBe(given.driver);
    return desk.doing?.type;
  };

  it('is under way for the tab that asks and for one that looks on, not where nobody does', async () => {
    expect(await doingOf({ run: asked(), driver: 'here' })).toBe('asking-again');
    expect(await doingOf({ run: asked(), driver: 'elsewhere' })).toBe('asking-again');
    expect(await doingOf({ run: asked(), driver: 'nobody' })).toBeUndefined();
    expect(await doingOf({ run: finishedRun(), driver: 'elsewhere' })).toBeUndefined();
  });
});
