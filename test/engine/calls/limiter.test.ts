import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Limiter, type Permit, type Weather } from '#engine/calls/limiter.ts';
import { createRandom } from '#lib/random.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { bucket, rateIn, simulate, slidingWindow, type Course, type Server, type Verdict } from './simulation.ts';

const ok: Verdict = { type: 'ok' };
const endOf = ({ sent }: Course): number => sent.at(-1)?.at ?? 0;
const rejectedShare = ({ rejected, right }: Course): number => rejected / right;
const rejectedAfter = ({ sent }: Course, fromMs: number): number => {
  const later = sent.filter(({ at }) => at >= fromMs);
  return later.filter(({ type }) => type === 'rate').length / later.filter(({ type }) => type === 'ok').length;
};
/** A server that is down for a while. */
const downFrom =
  (fromMs: number, toMs: number, reason: 'overload' | 'network', then: Server): Server =>
  (now, tokens) =>
    now >= fromMs && now < toMs ? { type: 'broken', reason } : then(now, tokens);

describe('the speed on a server without a limit', () => {
  it('is full at once: 1,000 answers of 200 ms, 64 at a time, take at most 5 % longer than possible', async () => {
    const course = await simulate({ server: () => ok, calls: 1000, atOnce: 64 });
    expect(course.right).toBe(1000);
    expect(course.durationMs).toBeLessThanOrEqual((1000 / 64) * 200 * 1.05);
    expect(course.limiter.weather).toEqual({ type: 'clear' });
  });

  it('is not paced at all once it has answered', async () => {
    const course = await simulate({ server: () => ok, calls: 20_000, atOnce: 256, latencyMs: () => 20 });
    expect(course.durationMs).toBeLessThanOrEqual((20_000 / 256) * 20 * 1.1);
  });

  it('never has more under way than the address takes', async () => {
    expect((await simulate({ server: () => ok, calls: 300, atOnce: 64, mostInFlight: 5 })).most).toBe(5);
  });
});

describe('the speed on a server with 600 requests a minute, 50 at a time', () => {
  const hints = [undefined, 'ms', 'seconds'] as const;
  const servers = [1, 2, 3, 5, 10, 30, 600].flatMap((burst) => hints.map((hint) => [burst, hint] as const));
  it.each(servers)('is 95 % of what is allowed, with a burst of $0 and hints in $1', async (burst, hint) => {
    const server = bucket({ perMinute: 600, burst, ...(hint ? { hint } : {}) });
    const course = await simulate({ server, calls: 1000 + burst, atOnce: 50, refusalMs: 5 });
    expect(course.right).toBe(1000 + burst);
    expect(rateIn(course, 20_000, endOf(course))).toBeGreaterThanOrEqual(9.5);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.02);
  });

  const seeds = [1, 2, 3, 4, 5];
  it.each(seeds.flatMap((seed) => hints.map((hint) => [seed, hint] as const)))(
    'is 95 % where requests are now and then late on their way (seed %s, hints in %s)',
    async (seed, hint) => {
      const course = await simulate({
        server: bucket({ perMinute: 600, burst: 10, ...(hint ? { hint } : {}) }),
        calls: 2000,
        atOnce: 50,
        wayMs: (random) => 30 * random.next(),
        latencyMs: (random) => 200 + 800 * random.next(),
        seed,
      });
      expect(course.right).toBe(2000);
      expect(rateIn(course, 20_000, endOf(course))).toBeGreaterThanOrEqual(9.5);
      expect(rejectedShare(course)).toBeLessThanOrEqual(0.02);
    },
  );

  it('is that of a window of a minute, whose hints are kept to', async () => {
    const course = await simulate({ server: slidingWindow(600), calls: 1000, atOnce: 50 });
    expect(course.right).toBe(1000);
    expect(course.durationMs).toBeLessThanOrEqual(61_600 / 0.95);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.02);
  });

  it.each([1, 2, 3, 4, 5])('is found when refusals take their time and answers vary (seed %s)', async (seed) => {
    const course = await simulate({
      server: bucket({ perMinute: 600, burst: 10, cost: 0.5 }),
      calls: 3000,
      atOnce: 50,
      refusalMs: 150,
      latencyMs: (random) => 500 + 3000 * random.next(),
      seed,
    });
    expect(course.right).toBe(3000);
    expect(rateIn(course, 30_000, endOf(course))).toBeGreaterThanOrEqual(9);
    expect(rejectedAfter(course, 30_000)).toBeLessThanOrEqual(0.03);
  });
});

describe('the speed on other servers', () => {
  it.each([0, 0.5])('R06 with 60 requests a minute is 90 % of what is possible (a refusal costs $0)', async (cost) => {
    const course = await simulate({ server: bucket({ perMinute: 60, burst: 10, cost }), calls: 800, atOnce: 50 });
    expect(course.durationMs).toBeLessThanOrEqual(790_000 / 0.9);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.08);
  });

  it('with 500 a minute is 95 %, with 1 % refused', async () => {
    const course = await simulate({
      server: bucket({ perMinute: 500, burst: 60, cost: 0.5 }),
      calls: 5000,
      atOnce: 64,
      latencyMs: (random) => 600 + 3400 * random.next() ** 2,
    });
    expect(course.durationMs).toBeLessThanOrEqual(((5000 - 60) / 500) * 60_000 * 1.05);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.02);
  });

  it('with 10,000 a minute is 80 %', async () => {
    const course = await simulate({
      server: bucket({ perMinute: 10_000, burst: 500, cost: 0.5 }),
      calls: 20_000,
      atOnce: 256,
      latencyMs: (random) => 600 + 1400 * random.next() ** 2,
    });
    expect(course.durationMs).toBeLessThanOrEqual(117_000 / 0.8);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.02);
  });

  it('R07 with a limit of tokens keeps refusals below 5 %', async () => {
    const course = await simulate({
      server: bucket({ perMinute: 60_000, burst: 6000, counts: 'tokens' }),
      calls: 1000,
      atOnce: 50,
      tokens: (random) => 50 + 100 * random.next(),
    });
    expect(rateIn(course, 20_000, endOf(course))).toBeGreaterThanOrEqual(9.5);
    expect(rejectedShare(course)).toBeLessThanOrEqual(0.05);
  });

  it('R08 follows a limit that is cut to a fifth and comes back, each within a minute', async () => {
    const server = bucket({ perMinute: (now) => (now > 100_000 && now < 270_000 ? 120 : 600), burst: 10 });
    const course = await simulate({ server, calls: 4000, atOnce: 50 });
    expect(course.right).toBe(4000);
    expect(rateIn(course, 160_000, 270_000)).toBeGreaterThanOrEqual(1.8);
    expect(rejectedAfter({ ...course, sent: course.sent.filter(({ at }) => at < 270_000) }, 160_000)).toBeLessThan(
      0.05,
    );
    expect(rateIn(course, 330_000, 400_000)).toBeGreaterThanOrEqual(9);
  });

  it.each([1, 2, 3])('T08 that two browsers share is found by both, each its half (seed %s)', async (seed) => {
    const server = bucket({ perMinute: 600, burst: 10 });
    const course = await simulate({ server, calls: 3000, atOnce: 50, browsers: 2, seed });
    expect(course.right).toBe(3000);
    expect(rateIn(course, 30_000, endOf(course) - 10_000)).toBeGreaterThanOrEqual(9);
    expect(rejectedAfter(course, 30_000)).toBeLessThanOrEqual(0.06);
    for (const browser of [0, 1]) {
      const own = { ...course, sent: course.sent.filter((row) => row.browser === browser) };
      expect(rateIn(own, 30_000, endOf(course) - 10_000), `browser ${browser}`).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('a server that tells its limits', () => {
  const first = async (perMinute: number): Promise<{ permits: Permit[]; clock: VirtualClock; limiter: Limiter }> => {
    const { clock, limiter } = lane();
    limiter.hear({ requests: { perMinute, remaining: 0, resetMs: 1000 } });
    const permits: Permit[] = [];
    for (let i = 0; i < 30; i++) void limiter.admit({ tokens: 1 }, never).then((permit) => permits.push(permit));
    await clock.advance(2000);
    return { permits, clock, limiter };
  };

  it('is asked no faster than it allows, before any refusal', async () => {
    expect((await first(600)).permits.length).toBeGreaterThanOrEqual(18);
    expect((await first(600)).permits.length).toBeLessThanOrEqual(21);
    expect((await first(60)).permits.length).toBe(2);
  });

  it('is asked for no more tokens than it allows', async () => {
    const { clock, limiter } = lane();
    limiter.hear({ tokens: { perMinute: 60_000, remaining: 500 } });
    let admitted = 0;
    for (let i = 0; i < 30; i++) void limiter.admit({ tokens: 500 }, never).then(() => admitted++);
    await clock.advance(5000);
    expect(admitted).toBeGreaterThanOrEqual(10);
    expect(admitted).toBeLessThanOrEqual(11);
  });

  it('R03 P7 is left alone for the two minutes that it wants, and the time of the end is told', async () => {
    const { clock, limiter } = lane();
    clock.setWallClock(1_000_000);
    (await limiter.admit({ tokens: 1 }, never)).rejected({ waitMs: 120_000 });
    let asked = 0;
    for (let i = 0; i < 5; i++) void limiter.admit({ tokens: 1 }, never).then(() => asked++);
    await clock.advance(119_999);
    expect(asked).toBe(0);
    expect(limiter.weather).toEqual({ type: 'waiting', until: 1_120_000, reason: 'rate' });
    await clock.advance(30_000);
    expect(asked).toBe(5);
  });

  it('P7 is never asked before the time it named, by nobody', async () => {
    const { clock, limiter } = lane();
    (await limiter.admit({ tokens: 1 }, never)).rejected({ waitMs: 7000 });
    const times: number[] = [];
    for (let i = 0; i < 5; i++) void limiter.admit({ tokens: 1 }, never).then(() => times.push(clock.elapsedMs()));
    await clock.advance(6999);
    expect(times).toEqual([]);
    expect(limiter.weather).toEqual({ type: 'waiting', until: 7000, reason: 'rate' });
    await clock.advance(60_000);
    expect(times).toHaveLength(5);
  });
});

describe('a server that is down', () => {
  const sentIn = ({ sent }: Course, fromMs: number, toMs: number): number[] =>
    sent.filter(({ at }) => at >= fromMs && at < toMs).map(({ at }) => at);

  it.each([1, 2, 3, 4, 5])(
    'for two minutes is asked seldom, and at full rate a minute later (seed %s)',
    async (seed) => {
      const server = downFrom(100_000, 220_000, 'overload', bucket({ perMinute: 600, burst: 10 }));
      const course = await simulate({ server, calls: 3000, atOnce: 50, seed });
      expect(course.right).toBe(3000);
      const probes = sentIn(course, 160_000, 220_000);
      expect(probes.length).toBeLessThanOrEqual(2);
      for (const [i, at] of probes.entries())
        if (i > 0) expect(at - (probes[i - 1] ?? 0)).toBeGreaterThanOrEqual(30_000);
      expect(rateIn(course, 280_000, 310_000)).toBeGreaterThanOrEqual(9);
      expect(rejectedShare(course)).toBeLessThanOrEqual(0.03);
    },
  );

  it.each([1, 2, 3, 4, 5])('R20 for ten minutes is asked at most 25 times (seed %s)', async (seed) => {
    const server = downFrom(10_000, 610_000, 'network', () => ok);
    const course = await simulate({ server, calls: 20_000, atOnce: 50, seed });
    expect(course.right).toBe(20_000);
    // what was under way when it broke down is no probe
    expect(sentIn(course, 11_000, 610_000).length).toBeLessThanOrEqual(25);
    expect(sentIn(course, 610_000, 660_000).length).toBeGreaterThan(0);
    expect(rateIn(course, 670_000, 680_000)).toBeGreaterThanOrEqual(230);
  });

  it('N03 P7 for an hour is asked no more than twice a minute', async () => {
    const server = downFrom(0, 3_600_000, 'network', () => ok);
    const course = await simulate({ server, calls: 50, atOnce: 50 });
    expect(course.right).toBe(50);
    expect(sentIn(course, 60_000, 3_600_000).length).toBeLessThanOrEqual(118);
  });

  it('R19 now and then does not slow a run down', async () => {
    const chance = createRandom(7);
    const server: Server = () => (chance.next() < 0.05 ? { type: 'broken', reason: 'overload' } : ok);
    const course = await simulate({ server, calls: 2000, atOnce: 50 });
    expect(course.right).toBe(2000);
    expect(course.durationMs).toBeLessThan((2000 / 50) * 200 * 1.35);
  });

  const lasting = [5, 20, 60, 300, 301, 313, 327, 600].flatMap((seconds) =>
    [1, 2, 3].map((seed) => [seconds, seed] as const),
  );
  it.each(lasting)(
    'R05 that says 429 to everything for %s s is asked at most 25 times, and at full rate within a minute (seed %s)',
    async (seconds, seed) => {
      const [from, to] = [20_000, 20_000 + seconds * 1000];
      for (const [then, full, calls] of [
        [() => ok, 250, 24_000],
        [bucket({ perMinute: 600, burst: 10 }), 10, 1200],
      ] as const) {
        const server: Server = (now, tokens) => (now >= from && now < to ? { type: 'rate' } : then(now, tokens));
        const course = await simulate({
          server,
          calls,
          atOnce: 50,
          seed,
          latencyMs: (random) => 100 + 200 * random.next(),
        });
        expect(course.right).toBe(calls);
        // what was under way or on its way when it began is no new call
        expect(sentIn(course, from + 1000, to).length).toBeLessThanOrEqual(25);
        expect(rateIn(course, to + 60_000, to + 70_000)).toBeGreaterThanOrEqual(0.95 * full);
      }
    },
  );

  it('R05 that takes a fifth of it afterwards is not taken for the old one again and again', async () => {
    const slow = bucket({ perMinute: 120, burst: 10 });
    const fast = bucket({ perMinute: 600, burst: 10 });
    const server: Server = (now, tokens) =>
      now < 60_000 ? fast(now, tokens) : now < 120_000 ? { type: 'rate' } : slow(now, tokens);
    const course = await simulate({ server, calls: 1000, atOnce: 50 });
    expect(rateIn(course, 180_000, endOf(course))).toBeGreaterThanOrEqual(1.8);
    expect(rejectedAfter(course, 180_000)).toBeLessThanOrEqual(0.05);
  });

  it.each([1, 2, 3])(
    'N24 only as the browser has it, which is wrong, is found to be up within seconds (seed %s)',
    async (seed) => {
      const course = await simulate({
        server: () => ok,
        calls: 5000,
        atOnce: 50,
        seed,
        during: (limiter, clock) => {
          for (const atMs of [2000, 9000]) void clock.sleep(atMs, never).then(() => limiter.wentOffline());
        },
      });
      expect(course.right).toBe(5000);
      expect(course.broken).toBe(0);
      expect(course.durationMs).toBeLessThan((5000 / 50) * 200 + 10_000);
    },
  );

  it('N16 behind a 429 that a page cannot read is slowed down for', async () => {
    const allowed = bucket({ perMinute: 600, burst: 10 });
    const server: Server = (now, tokens) =>
      allowed(now, tokens).type === 'ok' ? ok : { type: 'broken', reason: 'network' };
    const course = await simulate({ server, calls: 500, atOnce: 50 });
    expect(course.right).toBe(500);
    expect(course.broken).toBeLessThan(150);
  });
});

const never = new AbortController().signal;
setMaxListeners(0, never);
const lane = (mostInFlight = 256): { clock: VirtualClock; limiter: Limiter } => {
  const clock = createVirtualClock();
  return { clock, limiter: new Limiter({ clock, random: createRandom(1), mostInFlight }) };
};
/** A lane whose breaker is open, after nine good answers. */
async function broken(): Promise<{ clock: VirtualClock; limiter: Limiter; seen: Weather[] }> {
  const { clock, limiter } = lane();
  const seen: Weather[] = [];
  limiter.onWeather((weather) => seen.push(weather));
  const admit = async (): Promise<Permit> => clock.finish(limiter.admit({ tokens: 1 }, never));
  for (let i = 0; i < 9; i++) (await admit()).succeeded({ latencyMs: 1, tokens: 1 });
  for (let i = 0; i < 7; i++) (await admit()).broke({ reason: 'overload' });
  expect(limiter.isBroken).toBe(false);
  (await admit()).broke({ reason: 'network' });
  return { clock, limiter, seen };
}

describe('the breaker', () => {
  it('opens after eight failures in a row, tells it, and lets one probe through', async () => {
    const { clock, limiter, seen } = await broken();
    expect(limiter.isBroken).toBe(true);
    expect(seen.at(-1)).toMatchObject({ type: 'waiting', reason: 'offline' });
    const permits: Permit[] = [];
    for (let i = 0; i < 5; i++) void limiter.admit({ tokens: 1 }, never).then((permit) => permits.push(permit));
    await clock.advance(1500);
    expect(permits.map(({ isProbe }) => isProbe)).toEqual([true]);
    await clock.advance(100_000);
    expect(permits).toHaveLength(1);
    permits[0]?.succeeded({ latencyMs: 1, tokens: 1 });
    await clock.advance(5000);
    expect([permits.length, limiter.isBroken]).toEqual([5, false]);
    expect(limiter.weather.type).not.toBe('waiting');
  });

  it('stays open when an answer comes late to what was sent before it opened', async () => {
    const { clock, limiter } = lane();
    const early = await clock.finish(limiter.admit({ tokens: 1 }, never));
    for (let i = 0; i < 8; i++) (await clock.finish(limiter.admit({ tokens: 1 }, never))).broke();
    expect(limiter.isBroken).toBe(true);
    early.succeeded({ latencyMs: 1, tokens: 1 });
    expect(limiter.isBroken).toBe(true);
    (await clock.finish(limiter.admit({ tokens: 1 }, never))).succeeded({ latencyMs: 1, tokens: 1 });
    expect(limiter.isBroken).toBe(false);
  });

  it('P7 a server that is overloaded, and says for how long, is left alone for so long', async () => {
    const { clock, limiter } = lane();
    (await limiter.admit({ tokens: 1 }, never)).broke({ waitMs: 7000 });
    let asked = 0;
    void limiter.admit({ tokens: 1 }, never).then(() => asked++);
    await clock.advance(6999);
    expect(asked).toBe(0);
    await clock.advance(2000);
    expect(asked).toBe(1);
  });

  it('probes at once when the network is back', async () => {
    const { clock, limiter } = await broken();
    let probe: Permit | undefined;
    void limiter.admit({ tokens: 1 }, never).then((permit) => (probe = permit));
    limiter.wake();
    await clock.advance(0);
    expect(probe?.isProbe).toBe(true);
  });

  it('stays open when a probe was given up, and asks again', async () => {
    const { clock, limiter } = await broken();
    (await clock.finish(limiter.admit({ tokens: 1 }, never))).settled();
    expect(limiter.isBroken).toBe(true);
    const next = await clock.finish(limiter.admit({ tokens: 1 }, never));
    expect(next.isProbe).toBe(true);
    next.settled({ answered: true });
    expect(limiter.isBroken).toBe(false);
  });

  it('opens when the browser is offline or the machine has slept, and one request asks first', async () => {
    const offline = lane();
    offline.limiter.wentOffline();
    expect(offline.limiter.weather).toMatchObject({ type: 'waiting', reason: 'offline' });
    const { clock, limiter } = lane();
    (await limiter.admit({ tokens: 1 }, never)).succeeded({ latencyMs: 1, tokens: 1 });
    limiter.slept();
    const permits: Permit[] = [];
    for (let i = 0; i < 5; i++) void limiter.admit({ tokens: 1 }, never).then((permit) => permits.push(permit));
    await clock.advance(20_000);
    expect(permits.map(({ isProbe }) => isProbe)).toEqual([true]);
    permits[0]?.succeeded({ latencyMs: 1, tokens: 1 });
    await clock.advance(20_000);
    expect(permits).toHaveLength(5);
  });
});

describe('a wait for leave', () => {
  it('ends with the reason of its signal, and holds up nobody behind it', async () => {
    const { clock, limiter } = lane(1);
    const first = await limiter.admit({ tokens: 1 }, never);
    const stop = new AbortController();
    const second = limiter.admit({ tokens: 1 }, stop.signal).catch((reason: unknown) => reason);
    const third = limiter.admit({ tokens: 1 }, never);
    stop.abort('enough');
    expect(await second).toBe('enough');
    first.settled();
    first.succeeded({ latencyMs: 1, tokens: 1 });
    await clock.advance(100);
    expect(limiter.inFlight).toBe(1);
    (await clock.finish(third)).settled();
    expect(limiter.inFlight).toBe(0);
    await expect(limiter.admit({ tokens: 1 }, AbortSignal.abort('over'))).rejects.toBe('over');
  });

  it('is first come, first served', async () => {
    const { clock, limiter } = lane(1);
    const order: number[] = [];
    const done = [1, 2, 3, 4].map(async (name) => {
      const permit = await limiter.admit({ tokens: 1 }, never);
      order.push(name);
      permit.settled();
    });
    await clock.finish(Promise.all(done));
    expect(order).toEqual([1, 2, 3, 4]);
  });
});
