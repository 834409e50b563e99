// @ts-check
// Who takes part, and with which settings. Where a method has settings of its own for a budget, the "tuned" line holds those that fit
// the budget best as far as we know; the line without "tuned" is what its package does when nothing is said. `least`: fewer evaluation
// calls than this cannot work by design, and are not tried. `since`: how the method is driven has changed at that time (ISO 8601) beyond its
// settings, and what was made before is made again. `idea`: a variant of ours that was tried; tables and plots of the methods leave it out.

/** Evaluation calls of a run, and the generator calls that go with them. @param {number} budget */
export const capsOf = (budget) => ({ evaluation: budget, generator: Math.max(4, Math.round(budget / 10)) });

/**
 * @typedef {{ kind: 'ours', optimizer: string, train: number, validation: number, set: Record<string, string | number> }} Ours
 * @typedef {{ kind: 'peer', package: 'gepa' | 'dspy' | 'promptolution', algorithm: string, settings: Record<string, unknown> }} Peer
 * @typedef {{ kind: 'race', prompts: 'start' | 'hand' | 'templates' }} Race
 * @typedef {{ title: string, least?: number, since?: string, idea?: boolean, of: (budget: number) => Ours | Peer | Race }} Method
 */

/** Half the rows to search on and half to choose on would leave too few of both when calls are few. @param {number} budget */
const isSmall = (budget) => budget < 600;

/** @type {(settings: Record<string, unknown>) => Peer} */
const gepa = (settings) => ({ kind: 'peer', package: 'gepa', algorithm: 'gepa', settings });
/** @type {(algorithm: string, settings?: Record<string, unknown>) => Peer} */
const promptolution = (algorithm, settings = {}) => ({ kind: 'peer', package: 'promptolution', algorithm, settings });
/** @type {(algorithm: string, settings: Record<string, unknown>) => Peer} */
const dspy = (algorithm, settings) => ({ kind: 'peer', package: 'dspy', algorithm, settings });

/**
 * Trials on all validation rows, as dspy's own presets have it below 50 of them. Combinations that come again cost nothing, so a few more
 * trials are asked for than the budget would hold of different ones.
 * @param {number} budget
 */
const mipro = (budget, demos = 3) => ({
  auto: null,
  max_bootstrapped_demos: demos,
  max_labeled_demos: demos,
  num_candidates: isSmall(budget) ? 4 : 8,
  validation: isSmall(budget) ? 28 : 50,
  // each set of examples is looked for in all of these rows while the first prompt gets none right
  bootstrap: isSmall(budget) ? 20 : 40,
  compile: {
    num_trials: isSmall(budget) ? 12 : 18,
    minibatch: false,
    // only so is its generator shown the sentence about the task
    program_aware_proposer: true,
  },
});

/** @type {Record<string, Method>} */
export const methods = {
  start: { title: 'Best starting prompt', of: () => ({ kind: 'race', prompts: 'start' }) },
  hand: { title: 'Best of five hand-written prompts', of: () => ({ kind: 'race', prompts: 'hand' }) },
  // what PACER begins with besides the starting prompts: how much of its lead is the search, and how much these?
  templates: { title: 'PACER’s templates, no search', of: () => ({ kind: 'race', prompts: 'templates' }) },
  pacer: {
    title: 'PACER',
    of: () => ({ kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: {} }),
  },
  'pacer-without': {
    title: 'PACER without templates',
    of: () => ({ kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: { templates: 'false' } }),
  },
  // ideas against the origin's loop at 1,000 calls, and what each did: docs/optimizers.md
  'pacer-restarts': {
    title: 'PACER, fresh starts until the budget is spent',
    idea: true,
    of: () => ({ kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: { restarts: 100 } }),
  },
  'pacer-short': {
    title: 'PACER, kept after 20 rows',
    idea: true,
    of: () => ({ kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: { coverage: 20 } }),
  },
  'pacer-bare': {
    title: 'PACER without worked examples',
    idea: true,
    of: () => ({ kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: { demonstrations: 0 } }),
  },
  contrastive: {
    title: 'Contrastive',
    of: (budget) =>
      isSmall(budget)
        ? { kind: 'ours', optimizer: 'contrastive', train: 20, validation: 20, set: { rounds: 50, finalists: 2 } }
        : { kind: 'ours', optimizer: 'contrastive', train: 30, validation: 40, set: { rounds: 50, finalists: 3 } },
  },
  origin: {
    title: 'The origin’s loop (30 rows)',
    of: () => ({
      kind: 'ours',
      optimizer: 'contrastive',
      train: 30,
      validation: 0,
      set: { rounds: 100, proposals: 1, finalists: 1, strategy: 'best_worst', shownExamples: 10, tail: 'true' },
    }),
  },
  compare: {
    title: 'Seed race',
    of: () => ({ kind: 'ours', optimizer: 'compare', train: 60, validation: 40, set: {} }),
  },
  gepa: { title: 'GEPA', of: () => gepa({}) },
  'gepa-tuned': {
    title: 'GEPA, tuned',
    of: (budget) =>
      gepa({
        validation: isSmall(budget) ? 30 : 50,
        reflection_minibatch_size: isSmall(budget) ? 5 : 8,
        use_merge: true,
        cache_evaluation: true,
      }),
  },
  capo: { title: 'CAPO', of: () => promptolution('capo') },
  'capo-tuned': {
    title: 'CAPO, tuned',
    // its worked examples stand between the same two lines as everybody's
    since: '2026-11-26T14:12:11Z',
    of: (budget) =>
      promptolution('capo', {
        // while no prompt gets anything right none is eliminated: (3 prompts + 2 new ones) × 30 rows are half of 300 calls already
        rows: 10,
        population: 3,
        crossovers_per_iter: 2,
        max_n_blocks_eval: isSmall(budget) ? 3 : 9,
        create_fs_reasoning: false,
      }),
  },
  evopromptga: { title: 'EvoPrompt GA', of: () => promptolution('evopromptga') },
  opro: { title: 'OPRO', of: () => promptolution('opro', { num_instructions_per_step: 4 }) },
  // its trials and its looks at 80 rows come to some 700 calls, whatever the budget
  mipro: { title: 'MIPROv2 light', least: 700, of: () => dspy('mipro', { auto: 'light' }) },
  'mipro-tuned': { title: 'MIPROv2, tuned', of: (budget) => dspy('mipro', mipro(budget)) },
  'mipro-instructions': {
    title: 'MIPROv2, tuned, no examples',
    of: (budget) => dspy('mipro', mipro(budget, 0)),
  },
  copro: {
    title: 'COPRO',
    of: (budget) =>
      dspy('copro', {
        breadth: isSmall(budget) ? 4 : 6,
        depth: isSmall(budget) ? 3 : 5,
        rows: isSmall(budget) ? 24 : 32,
      }),
  },
};
