import type { Plan, PlanSizes } from '#core/optimizer.ts';
import { affordableRows } from '../parts/confirmation.ts';
import { halvingCells } from '../parts/race.ts';
import { settingsFor, type PacerValues } from './fields.ts';
import { firstDrafts, firstRounds } from './moves.ts';
import { baselines, firstSeedRung, raceOfSeeds, templatesAtStart } from './start.ts';

/** Calls of a new prompt on average, its text and its share of the best one's new rows with it: in the simulated worlds 8 to 14. */
const perPrompt = 12;
/** Of the new prompts where some are put together without the generator: in the simulated worlds about as many. */
const writtenShare = 0.6;

/** What the search will take within so many calls. What a short race saves goes into further ones. */
export function planPacer(values: PacerValues, sizes: PlanSizes, calls: number): Plan {
  const { batch, coverage, finalists } = settingsFor(values, calls, sizes.train);
  const start = raceOfSeeds(sizes.seeds + (values.templates ? templatesAtStart : 0), sizes.train);
  const compared = finalists + Math.min(baselines, sizes.seeds);
  const final = compared * Math.min(sizes.validation, affordableRows(calls, compared - 1));
  const all = Math.max(0, Math.floor(calls));
  const left = Math.max(0, all - start - final);
  const shortest = 1 + 2 * values.firstRung;
  // templates race only where there is room for them; a new prompt has to get through, and the best one be asked about the same rows
  const unknown = coverage - Math.min(coverage, firstSeedRung);
  const least = raceOfSeeds(sizes.seeds, sizes.train) + final + 1 + coverage + unknown;
  const problems = calls >= least ? [] : [tooSmall(all, least, sizes.seeds)];
  const share = values.templates || values.demonstrations > 0 ? writtenShare : 1;
  const ofPrompts = (prompts: number, written: number) => ({
    prompts,
    rounds: Math.ceil(prompts / batch),
    generatorCalls: Math.max(1, Math.round(written * prompts)),
  });
  const usual = ofPrompts(Math.max(1, Math.round(left / perPrompt)), share);
  const most = ofPrompts(Math.max(usual.prompts, Math.floor(left / shortest)), 1);
  const { rounds, generatorCalls } = usual;
  const ceiling = sizes.rounds ?? Infinity;
  if (rounds >= ceiling) {
    const texts = Math.min(batch * ceiling, all);
    // where hardly anything is right, the first rounds draw several drafts at once; and any may be asked for once more
    const drafts = Math.max(batch, firstDrafts.length);
    const early = Math.min(ceiling, firstRounds);
    const mostPrompts = drafts * early + batch * (ceiling - early);
    const written = Math.min(2 * mostPrompts, all);
    const raced = (count: number): number => halvingCells(count, coverage, values.firstRung) + coverage;
    const races = early * raced(drafts) + (ceiling - early) * raced(batch);
    // where it ends before its limit, what is left goes into the choice
    const choice = compared * sizes.validation;
    return {
      rounds: ceiling,
      prompts: batch * ceiling,
      evaluationCalls: Math.min(all - texts, start + choice + races + written - texts),
      generatorCalls: texts,
      most: { rounds: ceiling, prompts: mostPrompts, generatorCalls: written },
      problems,
    };
  }
  return {
    ...usual,
    evaluationCalls: Math.max(0, all - generatorCalls),
    ...(most.generatorCalls > generatorCalls ? { most: { ...most, rounds: Math.min(most.rounds, ceiling) } } : {}),
    spendsAll: true,
    problems,
  };
}

const tooSmall = (calls: number, least: number, seeds: number): string =>
  `The budget is too small to search: ${calls} calls are left after the test rows are set aside, about ${least} are needed ` +
  `(${seeds === 1 ? 'the starting prompt' : `a race of ${seeds} starting prompts`}, one new prompt, the final comparison). ` +
  'Raise the budget, use fewer rows, or choose “Compare prompts”.';
