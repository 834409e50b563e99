import { setMaxListeners } from 'node:events';
import { Limiter } from '#engine/calls/limiter.ts';
import { retryDelayMs, classify } from '#engine/calls/policy.ts';
import { createRandom, type Random } from '#lib/random.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

/** What a server makes of a request that arrives at `now` (milliseconds). */
export type Verdict =
  | { readonly type: 'ok' }
  | { readonly type: 'rate'; readonly waitMs?: number }
  | { readonly type: 'broken'; readonly reason: 'overload' | 'network' };
export type Server = (now: number, tokens: number) => Verdict;

/** A continuous token bucket. `cost`: what a refused request takes all the same. */
export function bucket(options: {
  readonly perMinute: number | ((now: number) => number);
  readonly burst: number;
  readonly cost?: number;
  readonly hint?: 'ms' | 'seconds';
  readonly counts?: 'requests' | 'tokens';
}): Server {
  const { perMinute, burst, cost = 0, hint, counts = 'requests' } = options;
  let level = burst;
  let last = 0;
  return (now, tokens) => {
    const perMs = (typeof perMinute === 'number' ? perMinute : perMinute(now)) / 60_000;
    level = Math.min(burst, level + (now - last) * perMs);
    last = now;
    const wanted = counts === 'tokens' ? tokens : 1;
    if (level >= wanted - 1e-9) {
      level -= wanted;
      return { type: 'ok' };
    }
    level -= cost * wanted;
    const waitMs = (wanted - level) / perMs;
    if (hint === undefined) return { type: 'rate' };
    return { type: 'rate', waitMs: hint === 'ms' ? waitMs : Math.ceil(waitMs / 1000) * 1000 };
  };
}

/** So many requests in any stretch of this length; says when there is room again, in whole seconds. */
export function slidingWindow(most: number, lengthMs = 60_000, hint = true): Server {
  const times: number[] = [];
  return (now) => {
    while (times[0] !== undefined && times[0] <= now - lengthMs) times.shift();
    if (times.length < most) {
      times.push(now);
      return { type: 'ok' };
    }
    const waitMs = Math.ceil(((times[0] ?? now) + lengthMs - now) / 1000) * 1000;
    return hint ? { type: 'rate', waitMs } : { type: 'rate' };
  };
}

export type Load = {
  readonly server: Server;
  readonly calls: number;
  /** Calls that want to be sent at the same time. */
  readonly atOnce: number;
  readonly mostInFlight?: number;
  readonly latencyMs?: (random: Random) => number;
  readonly refusalMs?: number;
  /** How long a request is on its way to the server. */
  readonly wayMs?: (random: Random) => number;
  readonly tokens?: (random: Random) => number;
  readonly seed?: number;
  /** Browsers with the same key that know nothing of each other. */
  readonly browsers?: number;
  readonly during?: (limiter: Limiter, clock: VirtualClock) => void;
};
export type Course = {
  readonly right: number;
  readonly rejected: number;
  readonly broken: number;
  readonly durationMs: number;
  /** When requests were sent, with what became of them. */
  readonly sent: readonly { readonly at: number; readonly type: Verdict['type']; readonly browser: number }[];
  readonly limiter: Limiter;
  readonly most: number;
};

/** Asks until every call has its answer, as the engine does. */
export async function simulate(load: Load): Promise<Course> {
  const { server, calls, atOnce, mostInFlight = 256, refusalMs = 20, seed = 1 } = load;
  const random = createRandom(seed);
  const clock = createVirtualClock();
  const limiter = new Limiter({ clock, random: random.fork('limiter'), mostInFlight });
  const others = Array.from(
    { length: (load.browsers ?? 1) - 1 },
    (_, n) => new Limiter({ clock, random: random.fork(`limiter ${n}`), mostInFlight }),
  );
  const limiters = [limiter, ...others];
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  const chance = random.fork('server');
  const latencyMs = load.latencyMs ?? (() => 200);
  const sent: { at: number; type: Verdict['type']; browser: number }[] = [];
  let [todo, right, rejected, broken, inFlight, most] = [calls, 0, 0, 0, 0, 0];
  load.during?.(limiter, clock);

  const one = async (browser: number): Promise<void> => {
    const tokens = load.tokens?.(chance) ?? 100;
    for (let failures = 0; ;) {
      const permit = await (limiters[browser] ?? limiter).admit({ tokens }, never);
      most = Math.max(most, ++inFlight);
      if (load.wayMs) await clock.sleep(load.wayMs(chance), never);
      const verdict = server(clock.elapsedMs(), tokens);
      sent.push({ at: clock.elapsedMs(), type: verdict.type, browser });
      const tookMs = verdict.type === 'ok' ? latencyMs(chance) : refusalMs;
      await clock.sleep(tookMs, never);
      inFlight--;
      if (verdict.type === 'ok') {
        permit.succeeded({ latencyMs: tookMs, tokens });
        right++;
        return;
      }
      if (verdict.type === 'rate') {
        rejected++;
        permit.rejected(verdict.waitMs === undefined ? {} : { waitMs: verdict.waitMs });
        continue;
      }
      broken++;
      permit.broke({ reason: verdict.reason });
      await clock.sleep(retryDelayMs(classify({ code: 'provider-overloaded' }), ++failures, chance), never);
    }
  };
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (todo > 0) {
      todo--;
      await one(index % limiters.length);
    }
  };
  await clock.finish(Promise.all(Array.from({ length: Math.min(atOnce, calls) }, lane)));
  return { right, rejected, broken, durationMs: clock.elapsedMs(), sent, limiter, most };
}

/** Answers a second of those sent in this stretch of time. */
export const rateIn = ({ sent }: Course, fromMs: number, toMs: number): number =>
  (sent.filter(({ at, type }) => type === 'ok' && at >= fromMs && at < toMs).length * 1000) / (toMs - fromMs);
