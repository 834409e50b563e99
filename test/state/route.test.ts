import { expect, it } from 'vitest';
import { parseRoute, printRoute, Router, type Route } from '#state/route.svelte.ts';

const routes: readonly Route[] = [
  { page: 'home' },
  { page: 'runs' },
  { page: 'runs', id: 'run-1' },
  { page: 'runs', id: 'run-1', part: 'prompts' },
  { page: 'runs', id: 'run/1 ü%', part: 'prompts', item: 'a/b#c?' },
  { page: 'data', id: 'set-1', part: 'saved' },
];

it('a printed address is read as what it was', () => {
  for (const route of routes) expect(parseRoute(printRoute(route))).toEqual(route);
});

it('an address that is cut off within a code leads on all the same', () => {
  expect(parseRoute('#/runs/run%2')).toEqual({ page: 'runs', id: 'run%2' });
});

it('an address of nothing known is the first page', () => {
  for (const hash of ['', '#', '#/', '#/nowhere']) expect(parseRoute(hash)).toEqual({ page: 'home' });
});

it('follows the address, by whomever it is changed', () => {
  const location = { hash: '#/runs/run-1' };
  let changed = (): void => undefined;
  const router = new Router({
    location: location as Location,
    addEventListener: (_: string, listener: unknown) => (changed = listener as () => void),
  });
  expect(router.route).toEqual({ page: 'runs', id: 'run-1' });
  router.go({ page: 'runs', id: 'run-1', part: 'prompts', item: 'p' });
  expect(location.hash).toBe('#/runs/run-1/prompts/p');
  location.hash = '#/data';
  changed();
  expect(router.route).toEqual({ page: 'data' });
});
