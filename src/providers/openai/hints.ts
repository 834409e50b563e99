import type { RateHint, RateWindow } from '#core/completion.ts';

const longestMs = 600_000;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const part = /(\d+(?:\.\d+)?)\s*(ms|h|m|s)[a-z]*\s*/gi;

/** "6m0s", "1.2 s", "20ms" in milliseconds; undefined for anything else. */
export function durationFrom(text: string): number | undefined {
  if (text.trim() === '' || text.replace(part, '').trim() !== '') return undefined;
  return [...text.matchAll(part)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (unitsMs[unit.toLowerCase()] ?? 0),
    0,
  );
}

/** A wait that can be kept to: between nothing and ten minutes. Undefined for what is no time. */
export const withinReason = (waitMs: number | undefined): number | undefined =>
  waitMs === undefined || !(waitMs >= 0) || waitMs === Infinity ? undefined : Math.min(waitMs, longestMs);

/** What the headers of an answer or a refusal say about limits; undefined where they say nothing, or may not be read. */
export function hintFrom(headers: Headers): RateHint | undefined {
  const requests = windowFrom(headers, 'requests');
  const tokens = windowFrom(headers, 'tokens');
  return (requests ?? tokens) ? { ...(requests ? { requests } : {}), ...(tokens ? { tokens } : {}) } : undefined;
}

function windowFrom(headers: Headers, of: 'requests' | 'tokens'): RateWindow | undefined {
  const count = (name: string): number | undefined => {
    const text = headers.get(`x-ratelimit-${name}-${of}`)?.trim() ?? '';
    return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  };
  const perMinute = count('limit');
  const remaining = count('remaining');
  const reset = headers.get(`x-ratelimit-reset-${of}`);
  const resetMs =
    reset === null
      ? undefined
      : withinReason(/^\d+(\.\d+)?$/.test(reset.trim()) ? Number(reset) * 1000 : durationFrom(reset));
  if (perMinute === undefined && remaining === undefined) return undefined;
  return {
    ...(perMinute === undefined || perMinute === 0 ? {} : { perMinute }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}
