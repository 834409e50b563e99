import { expect, it } from 'vitest';
import type { Settings } from '#core/library.ts';
import { keepRequestBook, readRequestBook } from '#state/request-book.ts';
import { createTestClock } from '../support/drive.ts';

it('counts requests by address over tabs and visits, and a forbidden one as never sent', async () => {
  const kept = new Map<string, unknown>();
  const settings: Settings = {
    get: (name) => Promise.resolve(structuredClone(kept.get(name))),
    set: (name, value) => Promise.resolve(void kept.set(name, structuredClone(value))),
  };
  let turn = Promise.resolve();
  const exclusive = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work));
  const clock = createTestClock();
  const [here, there] = [keepRequestBook(settings, clock, exclusive), keepRequestBook(settings, clock, exclusive)];
  const one = 'https://one.example';
  for (let n = 0; n < 5; n += 1) here(one, 'answered');
  here(one, 'refused');
  there(one, 'answered');
  there('https://two.example', 'failed');
  // the browser tells of a forbidden request twice, in either order
  there('https://evil.example', 'failed');
  there('https://evil.example', 'blocked');
  await expect.poll(async () => (await readRequestBook(settings)).length).toBe(3);
  await expect.poll(async () => (await readRequestBook(settings))[0]?.answered).toBe(6);
  here(one, 'failed');
  await expect.poll(async () => (await readRequestBook(settings)).find(({ origin }) => origin === one)?.failed).toBe(1);
  const book = new Map((await readRequestBook(settings)).map((count) => [count.origin, count]));
  expect(book.get(one)).toMatchObject({ answered: 6, refused: 1, failed: 1, blocked: 0 });
  expect(book.get('https://two.example')).toMatchObject({ answered: 0, failed: 1, blocked: 0 });
  expect(book.get('https://evil.example')).toMatchObject({ answered: 0, failed: 0, blocked: 1 });
  for (const { first, last } of book.values()) expect(first).toBeLessThanOrEqual(last);
});
