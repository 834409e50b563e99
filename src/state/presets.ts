import type { Plan } from '#core/optimizer.ts';
import { leastCalls } from '#core/run-plan.ts';

/** Budgets that have proved themselves, with what to expect of each. The words are for a person who has not run anything yet. */
const presets = [
  {
    id: 'quick',
    label: 'Quick',
    calls: 300,
    expectation: 'Mostly finds the best of your prompts, and mends the form of the answers.',
  },
  {
    id: 'balanced',
    label: 'Balanced',
    calls: 1000,
    expectation: 'Usually a prompt that is some points better, where there is room for it.',
  },
  {
    id: 'thorough',
    label: 'Thorough',
    calls: 5000,
    expectation: 'Goes on until little more is to be found; often that is before the calls are spent.',
  },
] as const;

/** Prompts are compared, none is written. */
const noNewPrompts = 'The more rows your prompts are asked about, the smaller the differences that show.';

type PresetId = (typeof presets)[number]['id'];

/** A preset for the data and the optimizer at hand. */
export type PresetOffer = {
  readonly id: PresetId;
  readonly label: string;
  readonly expectation: string;
  /** The preset's calls, or as many as the plan has a use for, or as it cannot do without. */
  readonly calls: number;
  /** The preset's own calls were too few, and there are more now. */
  readonly raised?: true;
  /** The preset's own calls: where they are more than there is a use for, they come to the same as a limit. */
  readonly wanted: number;
  /** Of new prompts; roughly, where what a round saves goes into further ones. */
  readonly rounds: number;
  readonly spendsAll?: boolean;
  readonly most?: NonNullable<Plan['most']>;
  /** Why it makes no sense here: too few calls for what the plan has to do, or no more than the preset before it. */
  readonly refusal?: 'too-few' | 'no-use';
  /** Where they are too few: how many would do. */
  readonly needed?: number;
  /** Where fewer test rows would make it enough, and still tell something: how many at the most. */
  readonly fewerTests?: number;
};

/**
 * The presets, from small to large.
 * @param useful calls beyond which the plan has no use for more
 * @param planFor what a budget of so many calls, the sealed test of so many rows included, would be spent on
 * @param tests sealed rows
 */
export function offersOf(
  useful: number,
  planFor: (calls: number, tests: number) => Plan,
  tests = 0,
): readonly PresetOffer[] {
  let before = 0;
  return presets.map(({ id, label, expectation, calls: wanted }, index) => {
    const own = Math.min(wanted, useful);
    const isTooFew = planFor(own, tests).problems.length > 0;
    const needed = isTooFew ? enoughCalls((calls) => planFor(calls, tests), own) : undefined;
    // another preset has as many anyway
    const isRaised = needed !== undefined && needed < (presets[index + 1]?.calls ?? Infinity);
    const calls = isRaised ? needed : own;
    const plan = planFor(calls, tests);
    const fewer = plan.problems.length > 0 ? mostTests(tests, (rows) => planFor(calls, rows)) : 0;
    const refusal = plan.problems.length > 0 ? 'too-few' : calls <= before ? 'no-use' : undefined;
    if (refusal === undefined) before = calls;
    const words = plan.prompts > 0 || plan.problems.length > 0 ? expectation : noNewPrompts;
    return {
      ...{ id, label, expectation: words, calls, wanted, rounds: plan.rounds },
      ...(plan.spendsAll ? { spendsAll: true } : {}),
      ...(plan.most ? { most: plan.most } : {}),
      ...(refusal ? { refusal } : {}),
      ...(isRaised ? { raised: true as const } : {}),
      ...(needed !== undefined && !isRaised ? { needed } : {}),
      ...(fewer >= fewestTests ? { fewerTests: fewer } : {}),
    };
  });
}

/** With fewer test rows the result says next to nothing: to advise them would be no help. */
const fewestTests = 20;

/** A round number of calls with which the plan has no problem. */
function enoughCalls(planWith: (calls: number) => Plan, from: number): number | undefined {
  const least = leastCalls(planWith, from);
  const rounded = least === undefined ? undefined : Math.ceil(least / 10) * 10;
  return rounded !== undefined && planWith(rounded).problems.length > 0 ? least : rounded;
}

/** The most test rows, fewer than these, with which the plan has no problem: each of them takes from the search. 0 where none helps. */
function mostTests(tests: number, planWith: (tests: number) => Plan): number {
  let [holds, tooMany] = [0, tests];
  while (tooMany - holds > 1) {
    const middle = Math.floor((holds + tooMany) / 2);
    if (planWith(middle).problems.length > 0) tooMany = middle;
    else holds = middle;
  }
  return holds;
}
