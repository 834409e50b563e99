import { expect, it } from 'vitest';
import type { Settings } from '#core/library.ts';
import { Prices } from '#state/prices.ts';

const price = { inputUsd: 1, outputUsd: 2 };

it('remembers prices beside those of another tab, and none that were deleted', async () => {
  const kept = new Map<string, unknown>();
  const settings: Settings = {
    get: (name) => Promise.resolve(structuredClone(kept.get(name))),
    set: (name, value) => Promise.resolve(void kept.set(name, structuredClone(value))),
  };
  const [one, two] = [new Prices(settings), new Prices(settings)];
  await one.remember('https://a.example', 'a', price);
  await two.remember('https://b.example', 'b', price);
  await one.remember('https://c.example', 'c', price);
  expect(Object.keys(kept.get('prices') as object)).toEqual([
    'https://a.example a',
    'https://b.example b',
    'https://c.example c',
  ]);
  kept.clear();
  await two.remember('https://d.example', 'd', price);
  expect(Object.keys(kept.get('prices') as object)).toEqual(['https://d.example d']);
  expect(two.of('https://b.example', 'b')).toBeUndefined();
  await two.remember('https://d.example', 'd', undefined);
  expect(kept.get('prices')).toEqual({});
});
