import { expect, it, onTestFinished, vi } from 'vitest';
import type { RunId } from '#core/id.ts';
import type { App } from '#state/app.svelte.ts';
import { ComparedRuns } from '#state/compared-runs.svelte.ts';
import { finishedRun } from '../support/hand-made-run.ts';

it('a run that another tab drives goes on beside the others, and is let go of when it is not looked at any more', async () => {
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 0));
  onTestFinished(() => void vi.unstubAllGlobals());
  const run = finishedRun();
  const { id } = run.spec;
  let written = 3;
  const hearers = new Map<RunId, () => void>();
  const app = {
    storage: { journal: { read: (_: unknown, from = 0) => Promise.resolve(run.entries.slice(from, written)) } },
    engine: { onEntries: () => () => undefined },
    hints: {
      on: (of: RunId, hear: () => void) => {
        hearers.set(of, hear);
        return () => hearers.delete(of);
      },
    },
  } as unknown as App;
  const compared = new ComparedRuns(app);
  compared.show([id]);
  await vi.waitFor(() => expect(compared.reports).toHaveLength(1));
  expect(compared.reports[0]?.end).toBeUndefined();
  written = run.entries.length;
  hearers.get(id)?.();
  await vi.waitFor(() => expect(compared.reports[0]?.end).toBeDefined());
  compared.close();
  expect(hearers.size).toBe(0);
});
