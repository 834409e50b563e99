import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { onInterrupt } from '../../src/headless/signals.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

function heard() {
  const source = new EventEmitter();
  const clock = createVirtualClock();
  const [stop, end] = [vi.fn(), vi.fn()];
  const off = onInterrupt(source, clock, stop, end);
  const said = () => ({ stop: stop.mock.calls.length, end: end.mock.calls.length });
  return { source, clock, off, said };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  '%s ends a run in order, once, however often it comes within a second',
  async (signal) => {
    const { source, clock, said } = heard();
    source.emit(signal);
    source.emit(signal);
    await clock.advance(999);
    source.emit(signal);
    expect(said()).toEqual({ stop: 1, end: 0 });
  },
);

it('a press after that ends the process at once', async () => {
  const { source, clock, said } = heard();
  source.emit('SIGINT');
  await clock.advance(1000);
  source.emit('SIGINT');
  expect(said()).toEqual({ stop: 1, end: 1 });
});

it('nothing is listened to behind the end', () => {
  const { source, off, said } = heard();
  off();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) expect(source.listenerCount(signal)).toBe(0);
  expect(said()).toEqual({ stop: 0, end: 0 });
});
