import type { Clock } from '#lib/clock.ts';
import type { RequestOutcome } from '#lib/requests.ts';
import type { Settings } from '#core/library.ts';

/** How often this browser asked a server, since it was first asked. Times in milliseconds since 1970. */
export type HostCount = Readonly<Record<RequestOutcome, number>> & {
  readonly origin: string;
  readonly first: number;
  readonly last: number;
};

const place = 'network.requests';
/** Counts are written together: a fast run asks hundreds of times a second. */
const gatherMs = 1000;

/** One at a time over all tabs, so that no count overwrites another. */
export type Exclusive = (work: () => Promise<void>) => Promise<void>;

/** Counts requests and writes the sums down. What a page that crashes has not written yet, a second’s worth at most, is not counted. */
export function keepRequestBook(
  settings: Settings,
  clock: Clock,
  exclusive: Exclusive,
): (origin: string, outcome: RequestOutcome) => void {
  let waiting = new Map<string, HostCount>();

  const write = async (): Promise<void> => {
    await clock.sleep(gatherMs, new AbortController().signal);
    const gathered = waiting;
    waiting = new Map();
    await exclusive(async () => {
      const book = new Map((await readRequestBook(settings)).map((count) => [count.origin, count]));
      for (const [origin, count] of gathered) {
        // the browser reports a forbidden request twice: it failed, and the policy was why
        const failed = Math.max(0, count.failed - count.blocked);
        book.set(origin, sum(book.get(origin), { ...count, failed }));
      }
      await settings.set(place, [...book.values()]);
    });
  };

  return (origin, outcome) => {
    if (waiting.size === 0) write().catch(() => undefined); // a full disk has worse to tell than this
    const now = clock.now();
    waiting.set(origin, sum(waiting.get(origin), { ...none, origin, [outcome]: 1, first: now, last: now }));
  };
}

export async function readRequestBook(settings: Settings): Promise<readonly HostCount[]> {
  return ((await settings.get(place)) as readonly HostCount[] | undefined) ?? [];
}

const none = { answered: 0, refused: 0, failed: 0, blocked: 0 };

function sum(before: HostCount | undefined, more: HostCount): HostCount {
  if (!before) return more;
  return {
    origin: more.origin,
    answered: before.answered + more.answered,
    refused: before.refused + more.refused,
    failed: before.failed + more.failed,
    blocked: before.blocked + more.blocked,
    first: Math.min(before.first, more.first),
    last: Math.max(before.last, more.last),
  };
}

/** Requests that left the browser. */
export const requestsOf = ({ answered, refused, failed }: HostCount): number => answered + refused + failed;
