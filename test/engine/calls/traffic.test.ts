import { expect, it } from 'vitest';
import { Traffic } from '#engine/calls/traffic.ts';
import { createRandom } from '#lib/random.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

it('is one for all runs that ask at the same address, and another one for another', () => {
  let changes = 0;
  const traffic = new Traffic({ clock: createVirtualClock(), random: createRandom(1), changed: () => changes++ });
  const here = traffic.lane({ lane: 'https://a.example', mostInFlight: 8 });
  expect(traffic.lane({ lane: 'https://a.example', mostInFlight: 8 })).toBe(here);
  expect(traffic.lane({ lane: 'https://b.example', mostInFlight: 8 }).limiter).not.toBe(here.limiter);
  expect(traffic.weather.map(({ lane }) => lane)).toEqual(['https://a.example', 'https://b.example']);
  traffic.wake('offline');
  expect(traffic.weather.map(({ weather }) => weather.type)).toEqual(['waiting', 'waiting']);
  expect(changes).toBe(2);
});
