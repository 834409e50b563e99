/**
 * Passes on what `work` comes to, unless it stays silent for this many seconds. Counted in ticks of one second and not in one long
 * timer: when a computer wakes up, timers that are due fire before the events that are waiting, and that is then one tick.
 */
export function withPatience<T>(work: Promise<T>, seconds: number, onSilence: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = seconds;
    const ticks = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(ticks);
      reject(onSilence());
    }, 1000);
    work.then(resolve, reject).finally(() => clearInterval(ticks));
  });
}

/**
 * Starts something that other connections can block. A block mostly ends by itself, because our own connections give way: only one
 * that lasts is an error. What succeeds after that is handed to `late`.
 */
export function unlessBlocked<T>(
  start: (blocked: () => void) => Promise<T>,
  seconds: number,
  onBlocked: () => Error,
  late: (result: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let givenUp = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const blocked = (): void => {
      timer ??= setTimeout(() => {
        givenUp = true;
        reject(onBlocked());
      }, seconds * 1000);
    };
    start(blocked)
      .then((result) => (givenUp ? late(result) : resolve(result)), reject)
      .finally(() => clearTimeout(timer));
  });
}
