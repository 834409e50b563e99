import type { Clock } from '#lib/clock.ts';

/** Ctrl-C, the end of a job, a closed window. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const onePressMs = 1000;

/** As much of a process as is listened to. */
type Source = Readonly<Record<'on' | 'off', (signal: (typeof signals)[number], listener: () => void) => unknown>>;

/**
 * Hears that the process is to end: `stop` in order, then `end` at once. What comes within a second is one press: a terminal sends it to
 * npm and to its child, and npm sends it to its child again.
 * @returns how to hear no more
 */
export function onInterrupt(source: Source, clock: Pick<Clock, 'elapsedMs'>, stop: () => void, end: () => void) {
  let pressedAt: number | undefined;
  const hear = (): void => {
    if (pressedAt === undefined) {
      pressedAt = clock.elapsedMs();
      stop();
    } else if (clock.elapsedMs() - pressedAt >= onePressMs) end();
  };
  for (const signal of signals) source.on(signal, hear);
  return (): void => {
    for (const signal of signals) source.off(signal, hear);
  };
}
