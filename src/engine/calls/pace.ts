import type { RateHint, RateWindow } from '#core/completion.ts';
import { BucketFit } from './bucket-fit.ts';

/** One request on its way, as the pace remembers it. */
export type Sent = {
  readonly at: number;
  /** Counted over all requests. */
  readonly index: number;
  readonly epoch: number;
  /** The rate at which the request before this one went out, which was still accepted. */
  readonly rateBefore: number;
};

/** Until the first answer: so many requests, so far apart. A server that refuses at once has then refused few. */
const firstVolley = 40;
const firstGapsMs = { few: 5, longMs: 4, shortMs: 1.4 };
const lowestRate = 1 / 60;
/** So many refusals with nothing accepted between them, and the server takes nothing at all; it is then asked so seldom. */
const shutAfter = 3;
const shutRate = 1 / 35;
/** A rate has worked that brought answers for so long. */
const workedForMs = 5000;
/** Just below what is allowed. */
const below = 0.985;
const longestPlateauMs = 30_000;
/** Where each refusal costs a wait of a second or more, that is to be rarer. */
const rarePlateauMs = 60_000;
/** An estimate from fewer requests than this is a guess. */
const solid = 20;
/** After so many a further refusal costs little, compared with what a better estimate brings. */
const many = 100;
const near = 1.35;
/** Who is told to wait for so long is before a window, not a bucket: what it took on the whole is all that one may know. */
const longHintMs = 5000;

/**
 * How fast requests may follow each other, from what comes back. All times in milliseconds of a monotonic clock, rates in requests a
 * second. Without a refusal there is no limit. Refusals come in epochs: those of requests that were sent before the rate was last
 * changed say nothing about the new rate.
 *
 * A refusal means that the server's allowance was empty. Between two refusals in different epochs it was empty at both ends, so that
 * what was accepted between them is what the server gives in that time: `low`. The rate just before the refusal is the other guess:
 * `high`. Of a server that saves nothing up `high` is right, of one that saves up much `low` is; `BucketFit` narrows down what lies
 * between. After a change the rate stays for as long as its predecessor lasted (half a minute at most; a minute where each refusal
 * costs a wait), and then grows faster and faster until the next refusal. A server that refuses everything for a while is asked
 * seldom, and when it is back, again at half the rate that had worked.
 */
export class Pace {
  #rate = Infinity;
  #rateBefore = Infinity;
  #nextAt = 0;
  #holdUntil = 0;
  #epoch = 0;
  #epochIndex = 0;
  #count = 0;
  #startedAt = 0;
  #answered = false;
  /** Requests since there was last reason to go carefully. */
  #volley = 0;
  #refusal: Sent | undefined;
  /** The guess `high` was tried in this epoch; what the epoch before it knew. */
  #trial: { readonly accepted: number; readonly durationMs: number } | undefined;
  #strikes = 0;
  /** Epochs in a row in which nothing at all was accepted. */
  #shut = 0;
  /** The last rate that was good for a while; what it is again when a server is back that had refused everything. */
  #rateThatWorked: number | undefined;
  #plateauMs = 0;
  #pressedMs = 0;
  readonly #fit = new BucketFit();
  readonly #windows = { requests: openWindow(), tokens: openWindow() };

  /** Requests a second; infinite where no limit is known. */
  get rate(): number {
    return Math.min(this.#rate, ...Object.values(this.#windows).map(({ perSecond, cost }) => perSecond / cost));
  }

  /** What the server has said to wait for, if that is later than `now`. */
  get holdUntil(): number {
    return this.#holdUntil;
  }

  /** When the next request may go. */
  dueAt(now: number, tokens: number): number {
    if (!this.#answered && this.#volley >= firstVolley && this.#rate === Infinity) return Infinity;
    const { requests, tokens: tokenWindow } = this.#windows;
    return Math.max(this.#nextAt, this.#holdUntil, dueIn(requests, 1, now), dueIn(tokenWindow, tokens, now));
  }

  /** A request goes out. `pressed`: it had to wait for its time, so that more would have been sent if more were allowed. */
  sent(now: number, tokens: number, pressed: boolean): Sent {
    if (this.#volley++ === 0) this.#startedAt = now;
    const gapMs = this.#gapMs();
    // a timer is late more often than not: what it is late by is made up for, as far as that is no burst
    const lenience = gapMs < 50 ? 100 : gapMs * 0.05;
    this.#nextAt = Math.max(this.#nextAt, this.#holdUntil, now - lenience) + gapMs;
    take(this.#windows.requests, 1);
    take(this.#windows.tokens, tokens);
    this.#fit.sent(now);
    const sent = { at: now, index: ++this.#count, epoch: this.#epoch, rateBefore: this.#rateBefore };
    this.#rateBefore = this.#rate;
    if (pressed && this.#rate < Infinity) this.#grow(gapMs);
    return sent;
  }

  /** A whole answer came. After refusals of everything for a while, the server is back. */
  accepted(sent: Sent, now: number): void {
    if (sent.epoch !== this.#epoch || this.#shut < shutAfter || this.#rateThatWorked === undefined) return;
    this.#rate = this.#rateThatWorked;
    this.#rateThatWorked = undefined;
    this.#shut = 0;
    this.halve(now);
  }

  /** An answer came. */
  answered(): void {
    this.#answered = true;
  }

  /** The server refused because of the rate. */
  refused(sent: Sent, now: number, waitMs: number | undefined): void {
    if (waitMs !== undefined) this.hold(now + waitMs);
    this.#fit.refused(sent.index, sent.rateBefore < Infinity);
    if (sent.epoch !== this.#epoch) return;
    const last = this.#refusal;
    const accepted = sent.index - 1 - this.#epochIndex;
    const durationMs = last ? sent.at - last.at : 0;
    const rate = this.#finiteRate(now);
    const told = this.#windows.requests.perSecond;
    if (accepted >= solid && sent.at - (last?.at ?? this.#startedAt) >= workedForMs) this.#rateThatWorked = this.#rate;
    this.#shut = accepted === 0 ? this.#shut + 1 : 0;
    if (!last && told < rate) this.#change(told * below, longestPlateauMs);
    // a window that took so many at once will do so again when the wait is over
    else if (!last && accepted >= many && (waitMs ?? 0) >= longHintMs) this.#change(rate / 2, 0);
    else if (!last) this.#change(rate / (this.#answered ? 5 : 20), 0);
    else if (accepted < 3) this.#strike(rate, accepted, durationMs);
    else if ((waitMs ?? 0) >= longHintMs) this.#change(((accepted * 1000) / durationMs) * below, longestPlateauMs);
    else this.#settleAt(sent, accepted, durationMs, rate, plateauAfter(waitMs));
    this.#refusal = sent;
    this.#epoch++;
    this.#epochIndex = this.#count;
    this.#pressedMs = 0;
    this.#nextAt = now + this.#gapMs();
  }

  /** Nothing goes out before this time. */
  hold(until: number): void {
    this.#holdUntil = Math.max(this.#holdUntil, until);
  }

  /** Trouble that is none of the rate: do not grow into it. */
  eased(): void {
    this.#pressedMs = Math.min(this.#pressedMs, this.#plateauMs);
  }

  /** After an outage or a sleep: half the rate, or as carefully as at the start. */
  halve(now: number): void {
    if (this.#rate < Infinity) this.#change(this.#rate / 2, 0);
    this.#answered = false;
    this.#volley = 0;
    this.#epoch++;
    this.#epochIndex = this.#count;
    this.#refusal = undefined;
    this.#pressedMs = 0;
    this.#nextAt = now + this.#gapMs();
  }

  /** The server says what it allows. It may not have seen what is under way, which therefore counts as taken. */
  hear({ requests, tokens }: RateHint, inFlight: number, now: number): void {
    if (requests) hearWindow(this.#windows.requests, requests, inFlight, now);
    if (tokens) hearWindow(this.#windows.tokens, tokens, inFlight, now);
  }

  #gapMs(): number {
    if (this.#rate < Infinity) return 1000 / this.#rate;
    if (this.#answered) return 0;
    return this.#volley <= firstGapsMs.few ? firstGapsMs.longMs : firstGapsMs.shortMs;
  }

  /** Where there is no limit yet: what was sent so far, which is more than the server takes. */
  #finiteRate(now: number): number {
    if (this.#rate < Infinity) return this.#rate;
    return (this.#volley * 1000) / Math.max(firstGapsMs.longMs, now - this.#startedAt);
  }

  #strike(rate: number, accepted: number, durationMs: number): void {
    const trial = this.#trial;
    const low = trial ? ((trial.accepted + accepted) * 1000) / (trial.durationMs + durationMs) : 0;
    this.#strikes++;
    if (trial) {
      const middle = trial.accepted >= many && rate < near * low ? Math.sqrt(low * rate) : low;
      this.#change(Math.min(middle, rate) * below, trial.durationMs);
    } else if (this.#strikes === 1 && this.#plateauMs >= 2000) this.#change(rate * 0.85, this.#plateauMs / 2);
    else this.#change(Math.max(rate * 0.35, this.#shut >= shutAfter ? Math.min(rate, shutRate) : 0), 0);
  }

  #settleAt(sent: Sent, accepted: number, durationMs: number, rate: number, longestMs: number): void {
    const trial = this.#trial;
    const plain = (accepted * 1000) / durationMs;
    const most = Math.min(sent.rateBefore, rate);
    const bounds = { low: Math.min(plain, most), high: most };
    const { low, high } = this.#fit.possible(sent.index, bounds) ?? { low: plain, high: most };
    const grown = this.#pressedMs > this.#plateauMs;
    const sure = accepted >= solid && this.#plateauMs >= 15_000;
    this.#strikes = 0;
    const plateauMs = accepted >= solid ? Math.min(longestMs, 1.6 * Math.max(durationMs, this.#plateauMs)) : durationMs;
    if (!grown) {
      // the allowance need not have been empty to the last bit at the other end
      const own = ((accepted - 1) * 1000) / durationMs;
      const whole = trial ? ((trial.accepted + accepted) * 1000) / (trial.durationMs + durationMs) : 0;
      this.#change(Math.min(0.97 * rate, Math.max(own, whole) * below), Math.max(plateauMs, trial?.durationMs ?? 0));
    } else if (high <= 1.1 * low) this.#change(high * below, plateauMs);
    else if (sure && high <= 2 * low && (accepted < many || high > near * low)) this.#change(low * below, plateauMs);
    else {
      this.#change(sure ? Math.sqrt(low * high) : high * below, sure ? 2000 : plateauMs);
      this.#trial = { accepted, durationMs };
    }
  }

  #change(rate: number, plateauMs: number): void {
    this.#rate = Math.max(lowestRate, rate);
    this.#rateBefore = this.#rate;
    this.#plateauMs = plateauMs;
    this.#trial = undefined;
  }

  #grow(gapMs: number): void {
    this.#pressedMs += gapMs;
    const beyond = this.#pressedMs - this.#plateauMs;
    if (beyond <= 0) return;
    const span = Math.min(2000, Math.max(500, this.#plateauMs / 15));
    const step = Math.min(gapMs, beyond) / span;
    this.#rate *= Math.exp(Math.min(0.5, 0.04 * (beyond / span) * step));
  }
}

const plateauAfter = (waitMs = 0): number =>
  Math.min(rarePlateauMs, Math.max(longestPlateauMs, waitMs * (rarePlateauMs / 1000)));

/** What the server lets one know of one of its limits. */
type Known = { perSecond: number; left: number; at: number; cost: number };
const openWindow = (): Known => ({ perSecond: Infinity, left: Infinity, at: 0, cost: 1 });

function hearWindow(known: Known, { perMinute, remaining, resetMs }: RateWindow, inFlight: number, now: number): void {
  if (perMinute !== undefined && perMinute > 0) known.perSecond = perMinute / 60;
  if (remaining === undefined) return;
  known.left = remaining - inFlight * known.cost;
  known.at = now;
  if (known.perSecond === Infinity && remaining <= 0 && resetMs !== undefined) known.at = now + resetMs;
}

const take = (known: Known, cost: number): void => {
  known.left -= cost;
  if (cost > 0) known.cost = cost;
};

/** When so much is allowed again, if what was said still holds. */
function dueIn(known: Known, cost: number, now: number): number {
  if (known.left >= cost) return now;
  if (known.perSecond === Infinity) return known.at;
  return Math.max(now, known.at + ((cost - known.left) / known.perSecond) * 1000);
}
