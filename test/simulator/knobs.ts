import { createRandom, type Random } from '#lib/random.ts';
import type { CallFault } from './call-faults.ts';

/** Something that befalls the run, counted in steps of the simulation (a request, a write, an answer), not in time. */
export type Happening = { readonly tick: number } & (
  | { readonly type: 'crash'; readonly downMs: number }
  /** Another tab takes over; the old one goes on with what it has, and hears of it after a while or never. */
  | { readonly type: 'steal'; readonly leavesAfterMs?: number }
  | { readonly type: 'suspend'; readonly durationMs: number; readonly noticed: boolean }
  | { readonly type: 'wall-clock'; readonly byMs: number }
  | { readonly type: 'offline' | 'outage' | 'spike'; readonly durationMs: number }
  | { readonly type: 'key-revoked' | 'quota-ended' | 'forbidden' }
  | { readonly type: 'pause'; readonly durationMs: number }
  | { readonly type: 'stop' | 'stop-after-round' | 'reopen-failed' }
  | { readonly type: 'candidate' | 'hint'; readonly text: string }
  | { readonly type: 'budget'; readonly share: number }
);

/** Chance of each fault of a request, and the server's exact limit of rate. */
export type Faults = {
  readonly rateLimited: number;
  readonly hintMs?: number;
  readonly bucket?: { readonly perMinute: number; readonly burst: number; readonly hints: boolean };
  readonly overloaded: number;
  /** The connection is lost before, or after, the answer was made; the latter is charged. */
  readonly resetBefore: number;
  readonly resetAfter: number;
  readonly hang: number;
  readonly malformed: number;
  readonly lies: number;
  /** Random faults of one history: none after so many. */
  readonly most: number;
};

type DiskFault = {
  readonly life: number;
  readonly at: number;
  readonly lasts: 'once' | 'for-ever';
  readonly kind: 'full' | 'broken' | 'unheard';
};

/** All that is drawn for a history: the same knobs, the same history. */
export type Knobs = {
  readonly seed: number;
  readonly rows: number;
  readonly badRows: number;
  readonly prompts: number;
  readonly rounds: number;
  readonly proposals: number;
  readonly concurrency: number;
  readonly topLogprobs: number;
  readonly forgetsLogprobs: boolean;
  /** Parameters that the model refuses: each takes one more question to find out. */
  readonly refuses: number;
  readonly samples: number;
  readonly sameLane: boolean;
  readonly mostInFlight: number;
  readonly latencyMs: number;
  readonly diskMs: number;
  /** Share of what an untroubled run of all rounds would take; absent: ample. */
  readonly budget: {
    readonly of: 'ample' | 'calls' | 'tokens' | 'cost' | 'minutes' | 'rounds';
    readonly share: number;
  };
  readonly faults: Faults;
  readonly diskFaults: readonly DiskFault[];
  /** This request fails so, counted over all of them. */
  readonly callFault?: { readonly at: number; readonly kind: CallFault };
  readonly happenings: readonly Happening[];
};

export const noFaults: Faults = {
  rateLimited: 0,
  overloaded: 0,
  resetBefore: 0,
  resetAfter: 0,
  hang: 0,
  malformed: 0,
  lies: 0,
  most: 0,
};

/** A good day: what a shrunk history is told apart from. */
export const quiet: Knobs = {
  seed: 1,
  rows: 9,
  badRows: 0,
  prompts: 2,
  rounds: 1,
  proposals: 1,
  concurrency: 1,
  topLogprobs: 5,
  forgetsLogprobs: false,
  refuses: 0,
  samples: 0,
  sameLane: true,
  mostInFlight: 64,
  latencyMs: 300,
  diskMs: 0,
  budget: { of: 'ample', share: 0 },
  faults: noFaults,
  diskFaults: [],
  happenings: [],
};

const year = 31_536_000_000;

/** Each class of fault is on in a third of the histories: all at once would hide what two of them do together. */
export function drawKnobs(seed: number): Knobs {
  const random = createRandom(`history ${seed}`);
  const chance = (share: number): boolean => random.next() < share;
  const span = (from: number, to: number): number => from + random.integer(to - from + 1);
  const rows = span(6, 16);
  const concurrency = random.pick([1, 2, 3, 5, 8, 16]);
  const knobs: Omit<Knobs, 'refuses'> = {
    seed,
    rows,
    badRows: chance(0.2) ? span(1, 2) : 0,
    prompts: span(1, 3),
    rounds: span(1, 3),
    proposals: span(1, 2),
    concurrency,
    topLogprobs: chance(0.6) ? 5 : 0,
    forgetsLogprobs: chance(0.03),
    samples: chance(0.2) ? 1 : 0,
    sameLane: chance(0.7),
    mostInFlight: random.pick([2, 5, 64]),
    latencyMs: random.pick([20, 300, 2000]),
    diskMs: chance(0.6) ? random.pick([1, 8, 200]) : 0,
    budget: {
      of: chance(0.6) ? 'ample' : random.pick(['calls', 'tokens', 'cost', 'minutes', 'rounds'] as const),
      share: random.next(),
    },
    faults: drawFaults(random, chance),
    diskFaults: chance(0.2)
      ? Array.from({ length: span(1, 2) }, (_, life) => ({
          life,
          at: span(1, 160),
          lasts: random.pick(['once', 'for-ever'] as const),
          kind: random.pick(['full', 'broken', 'unheard'] as const),
        }))
      : [],
    happenings: drawHappenings(random, chance, span),
  };
  // drawn last: a knob that is added changes no other
  return { ...knobs, refuses: chance(0.3) ? span(1, 2) : 0 };
}

function drawFaults(random: Random, chance: (share: number) => boolean): Faults {
  const rate = (): number => (chance(0.3) ? random.pick([0.02, 0.1, 0.3]) : 0);
  return {
    rateLimited: rate(),
    ...(chance(0.5) ? { hintMs: random.pick([20, 1500, 7000, 120_000]) } : {}),
    ...(chance(0.15)
      ? { bucket: { perMinute: random.pick([30, 120, 600]), burst: random.pick([1, 10]), hints: chance(0.5) } }
      : {}),
    overloaded: rate(),
    resetBefore: rate(),
    resetAfter: rate(),
    hang: chance(0.1) ? 0.03 : 0,
    malformed: chance(0.2) ? 0.05 : 0,
    lies: chance(0.05) ? 0.2 : 0,
    most: 40,
  };
}

function drawHappenings(
  random: Random,
  chance: (share: number) => boolean,
  span: (from: number, to: number) => number,
): readonly Happening[] {
  const count = chance(0.15) ? 0 : span(1, 5);
  const some = (): Happening => {
    const tick = span(1, chance(0.6) ? 80 : 300);
    const kind = random.integer(20);
    if (kind < 5) return { tick, type: 'crash', downMs: random.pick([10, 60_000]) };
    if (kind < 7) return { tick, type: 'steal', ...(chance(0.6) ? { leavesAfterMs: random.pick([0, 5, 3000]) } : {}) };
    if (kind === 7)
      return { tick, type: 'suspend', durationMs: random.pick([12_000, 600_000, 28_800_000]), noticed: chance(0.7) };
    if (kind === 8) return { tick, type: 'wall-clock', byMs: random.pick([10 * year, -10 * year, -3_600_000]) };
    if (kind === 9) return { tick, type: 'offline', durationMs: random.pick([2000, 30_000, 3_600_000]) };
    if (kind === 10) return { tick, type: 'outage', durationMs: random.pick([2000, 30_000, 600_000]) };
    if (kind === 11) return { tick, type: 'spike', durationMs: 120_000 };
    if (kind === 12) return { tick, type: random.pick(['key-revoked', 'quota-ended', 'forbidden'] as const) };
    if (kind === 13 || kind === 14) return { tick, type: 'pause', durationMs: random.pick([0, 40, 30_000, 3_600_000]) };
    if (kind === 15) return { tick, type: 'reopen-failed' };
    if (kind === 16) return { tick, type: random.pick(['stop', 'stop-after-round'] as const) };
    if (kind === 17) return { tick, type: 'candidate', text: `Name the kind of message, take ${span(1, 3)}.` };
    if (kind === 18) return { tick, type: 'hint', text: 'The labels are those of a shop.' };
    return { tick, type: 'budget', share: random.next() };
  };
  return Array.from({ length: count }, some).sort((a, b) => a.tick - b.tick);
}
