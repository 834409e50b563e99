import { expect, it } from 'vitest';
import { Gate } from '#engine/gate.ts';

const never = new AbortController().signal;

it('lets nobody through while it is closed, also where it was closed again at once', async () => {
  const gate = new Gate();
  await expect(gate.pass(never)).resolves.toBeUndefined();
  gate.close();
  let passed = 0;
  const all = [1, 2, 3].map(() => gate.pass(never).then(() => passed++));
  gate.open();
  gate.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect([passed, gate.isOpen]).toEqual([0, false]);
  gate.open();
  await Promise.all(all);
  expect(passed).toBe(3);
});

it('lets go of those who wait when their signal aborts', async () => {
  const gate = new Gate();
  gate.close();
  const stop = new AbortController();
  const waiting = gate.pass(stop.signal);
  stop.abort('enough');
  await expect(waiting).rejects.toBe('enough');
  await expect(gate.pass(stop.signal)).rejects.toBe('enough');
});
