import { expect, it } from 'vitest';
import { Keeping } from '#state/keeping.svelte.ts';
import { memoryStorage, type StorageSafety } from '#storage/index.ts';

const ok: StorageSafety = { state: 'ok', secondCopy: true, persisted: true };

function keepingWith(current: StorageSafety): Keeping {
  return new Keeping({ ...memoryStorage(), safety: { current, watch: () => () => undefined } });
}

it('what an engine sees of the storage counts as much as what the page sees, until that engine has ended', () => {
  const keeping = keepingWith(ok);
  expect(keeping.safety).toEqual(ok);
  keeping.hear([{ state: 'ok', secondCopy: false }]);
  expect(keeping.safety).toEqual({ ...ok, secondCopy: false });
  expect(keeping.copyFails).toBe(true);
  keeping.hear([
    { state: 'broken', secondCopy: true },
    { state: 'full', secondCopy: true },
  ]);
  expect(keeping.safety).toEqual({ ...ok, state: 'broken' });
  keeping.hear([]);
  expect(keeping.safety).toEqual(ok);
});

it('what the page sees stays said, and a browser that writes no second file is not told to fail at it', () => {
  const keeping = keepingWith({ ...ok, state: 'full', secondCopy: false });
  keeping.hear([{ state: 'ok', secondCopy: false }]);
  expect(keeping.safety).toEqual({ ...ok, state: 'full', secondCopy: false });
  expect(keeping.copyFails).toBe(false);
});
