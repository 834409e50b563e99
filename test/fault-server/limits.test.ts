import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { KeyLimits } from '../support/fault-server/limits.ts';
import { TokenBucket } from '../support/fault-server/token-bucket.ts';

/** Time that only moves when it is told to. */
const createTime = () => {
  let nowMs = 0;
  return { elapsedMs: () => nowMs, pass: (ms: number) => (nowMs += ms) };
};

describe('a bucket', () => {
  it('gives exactly what has flowed in, over 10 000 calls at random moments', () => {
    const time = createTime();
    const random = createRandom(7);
    const [capacity, perMinute] = [10, 500];
    const bucket = new TokenBucket(capacity, perMinute, time);
    let given = 0;
    let overflow = 0;
    for (let call = 0; call < 10_000; call++) {
      const gapMs = random.next() * 200;
      overflow += Math.max(0, bucket.level + (gapMs * perMinute) / 60_000 - capacity);
      time.pass(gapMs);
      if (bucket.waitMs(1) > 0) continue;
      bucket.take(1);
      given += 1;
    }
    const flowedIn = capacity + (time.elapsedMs() * perMinute) / 60_000 - overflow;
    expect(given).toBeGreaterThan(5000);
    expect(Math.abs(flowedIn - given - bucket.level)).toBeLessThan(1e-6);
  });

  it('lets one in at the very moment that it named, and not a millisecond earlier', () => {
    const time = createTime();
    const bucket = new TokenBucket(1, 7, time);
    for (let call = 0; call < 10_000; call++) {
      expect(bucket.waitMs(1)).toBe(0);
      bucket.take(1);
      const waitMs = bucket.waitMs(1);
      time.pass(waitMs - 1);
      expect(bucket.waitMs(1)).toBeGreaterThan(0);
      time.pass(1);
    }
    expect(time.elapsedMs()).toBeCloseTo((10_000 * 60_000) / 7, 0);
  });

  it('lets a caller who waits as told have the full rate: 10 000 calls in the time that they take', () => {
    const time = createTime();
    const limits = new KeyLimits(time);
    let rejected = 0;
    for (let given = 0; given < 10_000;) {
      const admission = limits.admit({ rpm: 600, rpmBurst: 5 }, 0, 0, time.elapsedMs());
      if (admission.type === 'admitted') given += 1;
      else {
        rejected += 1;
        time.pass(admission.waitMs);
      }
    }
    expect(time.elapsedMs()).toBeCloseTo((10_000 - 5) * 100, 0);
    expect(rejected).toBe(10_000 - 5);
  });
});

describe('the limits of a key', () => {
  const reply = (limits: KeyLimits, given: Parameters<KeyLimits['admit']>[0], tokens = 0, underWay = 0, now = 0) =>
    limits.admit(given, tokens, underWay, now);

  it('count tokens as well as requests, and take nothing from either when one is short', () => {
    const time = createTime();
    const limits = new KeyLimits(time);
    const given = { rpm: 60, tpm: 6000 };
    expect(reply(limits, given, 5999).type).toBe('admitted');
    expect(reply(limits, given, 1001)).toMatchObject({ type: 'rejected', kind: 'tokens', waitMs: 10_000 });
    expect(reply(limits, given, 1)).toMatchObject({
      type: 'admitted',
      headers: { 'x-ratelimit-remaining-requests': '58', 'x-ratelimit-remaining-tokens': '0' },
    });
  });

  it('charge a rejected call where they are told to', () => {
    const time = createTime();
    const limits = new KeyLimits(time);
    const given = { rpm: 60, rpmBurst: 1, rejectCost: 0.5 };
    reply(limits, given);
    expect(reply(limits, given)).toMatchObject({ waitMs: 1000 });
    expect(reply(limits, given)).toMatchObject({
      waitMs: 1500,
      headers: { 'retry-after': '2', 'retry-after-ms': '1500' },
    });
  });

  it('follow a schedule, and keep their hints to themselves where they are told to', () => {
    const time = createTime();
    const limits = new KeyLimits(time);
    const given = {
      rpm: 600,
      rpmBurst: 1,
      sendHeaders: false,
      sendRetryAfter: false,
      schedule: [{ atMs: 5000, rpm: 60 }],
    };
    reply(limits, given);
    expect(reply(limits, given)).toMatchObject({ waitMs: 100, headers: {} });
    expect(reply(limits, given, 0, 0, 5000)).toMatchObject({ waitMs: 1000 });
  });

  it('count the calls under way', () => {
    const limits = new KeyLimits(createTime());
    expect(reply(limits, { concurrent: 2 }, 0, 1).type).toBe('admitted');
    expect(reply(limits, { concurrent: 2 }, 0, 2)).toMatchObject({ type: 'rejected', kind: 'concurrent' });
  });
});
