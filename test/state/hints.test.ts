import { expect, it, onTestFinished, vi } from 'vitest';
import type { RunId } from '#core/id.ts';
import { runsChannel } from '#engine/api.ts';
import { RunHints } from '#state/hints.ts';

it('B11: a page that is left hears nothing, and looks once at all of its runs when it is shown again', async () => {
  const other = new BroadcastChannel(runsChannel);
  const hints = new RunHints();
  onTestFinished(() => {
    other.close();
    hints.close();
  });
  const heard: string[] = [];
  hints.wake();
  for (const run of ['one', 'two']) hints.on(run as RunId, () => heard.push(run));
  const tell = (): void => other.postMessage({ run: 'one' });
  tell();
  await vi.waitFor(() => expect(heard).toEqual(['one']));

  hints.close();
  const witness = new BroadcastChannel(runsChannel);
  const arrived = new Promise((resolve) => (witness.onmessage = resolve));
  tell();
  await arrived;
  witness.close();
  expect(heard).toEqual(['one']);

  hints.wake();
  expect(heard).toEqual(['one', 'one', 'two']);
  tell();
  await vi.waitFor(() => expect(heard).toEqual(['one', 'one', 'two', 'one']));
});
