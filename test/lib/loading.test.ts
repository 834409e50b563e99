import { expect, it } from 'vitest';
import { loaded } from '#lib/loading.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new Promise<never>(() => undefined);
const words = 'The thread could not be loaded. Are you online?';

it('hands out the first answer, and leaves no timer behind', async () => {
  const clock = createVirtualClock();
  expect(await loaded('The thread', Promise.resolve(7), { clock, withinMs: 1000, failed: never })).toBe(7);
  expect(clock.sleeping).toBe(0);
});

it('says so when the script is not loaded, whether the browser tells or not', async () => {
  const clock = createVirtualClock();
  const failed = Promise.resolve(new Event('error'));
  await expect(loaded('The thread', never, { clock, withinMs: 1000, failed })).rejects.toThrow(words);
  expect(clock.sleeping).toBe(0);
  const silent = loaded('The thread', never, { clock, withinMs: 1000 });
  const told = expect(silent).rejects.toThrow(words);
  await clock.advance(1000);
  await told;
});

it('passes on why there is no answer', async () => {
  const clock = createVirtualClock();
  const broken = Promise.reject(new Error('Broken'));
  await expect(loaded('The thread', broken, { clock, withinMs: 1000 })).rejects.toThrow('Broken');
});
