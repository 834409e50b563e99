import { describe, expect, it } from 'vitest';
import type { RateHint } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { createRandom } from '#lib/random.ts';
import { durationFrom, hintFrom, withinReason } from '#providers/openai/hints.ts';
import { errorOf, refusalFrom } from '#providers/openai/refusal.ts';
import { connect, never, request, server, serverForEachTest } from './openai-setup.ts';

const random = createRandom('hints');
const place = { baseUrl: 'http://server.test/v1', model: 'm', key: '', now: 1_700_000_000_000 };
const waitOf = (headers: Record<string, string>, message = 'Slow down'): number | undefined => {
  const error = errorOf(refusalFrom(429, { message }, new Headers(headers)), place);
  expect(error).toMatchObject({ code: 'provider-rate-limited' });
  return error instanceof AppError ? (error.details as { retryAfterMs?: number }).retryAfterMs : undefined;
};

describe('a wait that the server names', () => {
  it('is read from any mix of hours, minutes, seconds and milliseconds', () => {
    for (let i = 0; i < 2000; i++) {
      const [h, m, s, ms] = [random.integer(3), random.integer(60), random.integer(60), random.integer(1000)];
      const gap = random.pick(['', ' ']);
      const text = [`${h}h`, `${m}m`, `${s}.5s`, `${ms}ms`].join(gap);
      const expected = h * 3_600_000 + m * 60_000 + s * 1000 + 500 + ms;
      expect(durationFrom(text)).toBeCloseTo(expected, 6);
      expect(waitOf({}, `Rate limit reached. Please try again in ${text}. Visit us.`)).toBe(
        Math.min(600_000, expected),
      );
    }
  });

  it('R04 X10 is between nothing and ten minutes, or none, whatever stands in the headers', () => {
    const alphabet = [
      ...Array.from('0123456789.-+eE:,hms '),
      'NaN',
      'Infinity',
      'GMT',
      '2099',
      'Wed, 21 Oct 2099 07:28:00 GMT',
    ];
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: 1 + random.integer(8) }, () => random.pick(alphabet)).join('');
      const wait = waitOf({ [random.pick(['retry-after', 'retry-after-ms'])]: text });
      if (wait !== undefined) expect(wait >= 0 && wait <= 600_000, `${text}: ${wait}`).toBe(true);
    }
  });

  it.each([
    ['7', 7000],
    ['0', 0],
    ['0.25', 250],
    ['-5', undefined],
    ['NaN', undefined],
    ['1e12', undefined],
    ['999999999', 600_000],
    ['soon 2099', undefined],
    [new Date(place.now + 5000).toUTCString(), 5000],
    [new Date(place.now - 5000).toUTCString(), undefined],
    [new Date(place.now + 1e12).toUTCString(), 600_000],
  ])('R04: of %s is %s ms', (text, expected) => {
    expect(waitOf({ 'retry-after': text })).toBe(expected);
  });

  it('in the header goes before that in words', () => {
    expect(waitOf({ 'retry-after-ms': '50', 'retry-after': '9' }, 'try again in 3s')).toBe(50);
    expect(withinReason(-0.001)).toBeUndefined();
  });
});

describe('limits in the headers', () => {
  it('X10 are read as they stand, and left out where they are nonsense', () => {
    const texts = ['', '0', '7', '600', '-1', '1.5', '1e3', 'many', '6m0s', '20ms', ' 12 ', '99999999999999999999'];
    for (let i = 0; i < 3000; i++) {
      const headers = new Headers();
      for (const name of ['limit', 'remaining', 'reset'])
        for (const of of ['requests', 'tokens'])
          if (random.next() < 0.7) headers.set(`x-ratelimit-${name}-${of}`, random.pick(texts));
      const hint: RateHint = hintFrom(headers) ?? {};
      for (const { perMinute, remaining, resetMs } of [hint.requests ?? {}, hint.tokens ?? {}]) {
        if (perMinute !== undefined) expect(Number.isInteger(perMinute) && perMinute > 0).toBe(true);
        if (remaining !== undefined) expect(Number.isInteger(remaining) && remaining >= 0).toBe(true);
        if (resetMs !== undefined) expect(resetMs >= 0 && resetMs <= 600_000).toBe(true);
      }
    }
  });

  it('that a page may not read are none', () => expect(hintFrom(new Headers())).toBeUndefined());
});

describe('a client', () => {
  serverForEachTest();
  const headers = {
    'x-ratelimit-limit-requests': '600',
    'x-ratelimit-remaining-requests': '599',
    'x-ratelimit-reset-requests': '100ms',
    'x-ratelimit-limit-tokens': '90000',
  };
  const expected = { requests: { perMinute: 600, remaining: 599, resetMs: 100 }, tokens: { perMinute: 90_000 } };

  it('passes them on, with an answer as with a refusal', async () => {
    const client = await connect();
    const heard: RateHint[] = [];
    const options = { hear: (hint: RateHint) => void heard.push(hint) };
    server.set({ fault: () => ({ headers }) });
    await client.complete(request, never, options);
    server.set({ fault: () => ({ status: 429, body: { error: { message: 'Slow down' } }, headers }) });
    await client.complete(request, never, options).catch(() => undefined);
    expect(heard).toEqual([expected, expected]);
  });

  it('gives up at the deadline of a call, but not later than the person wants', async () => {
    server.set({ fault: () => ({ hang: true }) });
    const given = (deadlineMs: number, timeoutSeconds: number): Promise<unknown> =>
      connect({ timeoutSeconds }).then((client) =>
        client.complete(request, never, { deadlineMs }).catch((error: unknown) => error),
      );
    expect(await given(60, 100)).toMatchObject({ code: 'provider-timeout', details: { afterMs: 60 } });
    expect(await given(100_000, 0.07)).toMatchObject({ code: 'provider-timeout', details: { afterMs: 70 } });
  });

  it('names the origin that it shares a limit with, and says how much may be under way', async () => {
    const client = await connect();
    expect(client.lane).toBe(server.origin);
    expect(client.mostInFlight).toBe(256);
  });
});
