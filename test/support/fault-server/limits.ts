import type { Clock } from '#lib/clock.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Limits } from './types.ts';

export type Admission =
  | { readonly type: 'admitted'; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly type: 'rejected';
      readonly kind: 'requests' | 'tokens' | 'concurrent';
      readonly waitMs: number;
      readonly headers: Readonly<Record<string, string>>;
    };

/** The limits of one key. */
export class KeyLimits {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  #requests: TokenBucket | undefined;
  #tokens: TokenBucket | undefined;
  #rates = '';

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  /** Takes what the call needs, all of it or nothing. `nowMs`: since the server began, for the schedule. */
  admit(given: Limits, tokens: number, underWay: number, nowMs: number): Admission {
    const limits = { ...given, ...given.schedule?.filter(({ atMs }) => atMs <= nowMs).at(-1) };
    this.#follow(limits);
    const waits = [
      { kind: 'requests' as const, waitMs: this.#requests?.waitMs(1) ?? 0 },
      { kind: 'tokens' as const, waitMs: this.#tokens?.waitMs(tokens) ?? 0 },
      // nobody knows when one of the others will end
      { kind: 'concurrent' as const, waitMs: underWay >= (limits.concurrent ?? Infinity) ? 1000 : 0 },
    ];
    const longest = waits.reduce((a, b) => (b.waitMs > a.waitMs ? b : a));
    if (longest.waitMs > 0) {
      this.#requests?.take(limits.rejectCost ?? 0);
      return { type: 'rejected', ...longest, headers: this.#headers(limits, longest.waitMs) };
    }
    this.#requests?.take(1);
    this.#tokens?.take(tokens);
    return { type: 'admitted', headers: this.#headers(limits) };
  }

  #follow({ rpm, rpmBurst, tpm, tpmBurst }: Limits): void {
    const rates = [rpm, rpmBurst, tpm, tpmBurst].join();
    if (rates === this.#rates) return;
    this.#rates = rates;
    this.#requests = bucket(this.#requests, rpm, rpmBurst, this.#clock);
    this.#tokens = bucket(this.#tokens, tpm, tpmBurst, this.#clock);
  }

  #headers(limits: Limits, waitMs?: number): Readonly<Record<string, string>> {
    const of = (name: string, bucket: TokenBucket | undefined, perMinute = 0): Record<string, string> =>
      bucket
        ? {
            [`x-ratelimit-limit-${name}`]: String(perMinute),
            [`x-ratelimit-remaining-${name}`]: String(Math.max(0, Math.floor(bucket.level))),
            [`x-ratelimit-reset-${name}`]: `${Math.ceil(bucket.waitMs(1))}ms`,
          }
        : {};
    return {
      ...(limits.sendHeaders === false
        ? {}
        : { ...of('requests', this.#requests, limits.rpm), ...of('tokens', this.#tokens, limits.tpm) }),
      ...(waitMs === undefined || limits.sendRetryAfter === false
        ? {}
        : { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) }),
    };
  }
}

function bucket(
  old: TokenBucket | undefined,
  perMinute: number | undefined,
  burst: number | undefined,
  clock: Pick<Clock, 'elapsedMs'>,
): TokenBucket | undefined {
  if (perMinute === undefined) return undefined;
  if (!old) return new TokenBucket(burst ?? perMinute, perMinute, clock);
  old.setRate(burst ?? perMinute, perMinute);
  return old;
}
