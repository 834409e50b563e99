import { defineOptimizer } from '#core/optimizer.ts';
import { fields } from './pacer/fields.ts';
import { nextTooLarge } from './parts/rounds.ts';
import { hasHeadroom, hasNoEffect, noHeadroom } from './pacer/no-gain.ts';
import { planPacer } from './pacer/plan.ts';
import { Search } from './pacer/search.ts';

/** Rounds in a row without any usable prompt: the generator cannot do it, and asking on would only spend. */
const emptyRounds = 6;
/** The fewest new prompts without a gain before a fresh start. */
const plateau = 12;

/**
 * PACER: Paired, Archive-based, Contrastive Evolution with Racing. The starting prompts race first. Then children of a small archive,
 * written from mistakes, contrasts, merges and labelled rows or composed of worked examples, race against the best prompt on shared
 * rows that rotate, few rows first; who holds its own on enough of them is kept. Which way of writing is used follows what has
 * worked (Thompson sampling). At the end the best ones meet on rows that nothing was written on, with the best starting prompts beside
 * them; what the train rows said counts with it, at most as much.
 */
export const pacer = defineOptimizer({
  id: 'pacer',
  version: 15,
  label: 'PACER',
  description:
    'Races new prompts against the best one, on few shared rows first, so that most calls go to prompts that may win. Choose it with 300 calls or more.',
  fields,
  plan: (values, sizes, calls) => planPacer(values, sizes, calls),
  *run(context, values) {
    const search = new Search(context, values);
    const { bench, settings } = search;
    if (!(yield* search.raceSeeds()))
      return yield* search.confirm('budget-spent', 'The budget ended with the starting prompts.');
    if (!(yield* hasHeadroom(bench, search.incumbent, search.order)))
      return yield* search.confirm('finished', noHeadroom(bench, search.incumbent));
    let [empty, still, restarts, hints] = [0, 0, 0, 0];
    for (let round = 1; ; round++) {
      const { candidates, stop } = yield* bench.listen(round);
      if (stop) {
        yield* search.tryOut(round, candidates);
        return yield* search.confirm(stop.ended, stop.reason);
      }
      if (bench.callsLeft < search.leastRound && candidates.length === 0)
        return yield* search.confirm('budget-spent', nextTooLarge);
      if (candidates.length === 0 && !(yield* hasHeadroom(bench, search.incumbent, search.order)))
        return yield* search.confirm('finished', noHeadroom(bench, search.incumbent));
      if (candidates.length === 0 && hasNoEffect(bench, search.incumbent))
        return yield* search.confirm(
          'finished',
          'The wording hardly matters here: the prompts that were tried got the same rows right, nearly all of them.',
        );
      // what a person brings is a fresh start
      if (candidates.length > 0 || bench.hints.length > hints) still = 0;
      hints = bench.hints.length;
      const patience = Math.max(plateau, Math.round(bench.calls.all / 60));
      const isRestart = still >= patience && restarts < settings.restarts;
      if (still >= patience && !isRestart)
        return yield* search.confirm(
          'finished',
          `No better prompt among the last ${still}: more of the same would hardly help.`,
        );
      const result = yield* search.round(round, candidates, isRestart);
      if (result === 'spent') return yield* search.confirm('budget-spent', nextTooLarge);
      if (isRestart) restarts += 1;
      still = result.gained || isRestart ? 0 : still + result.made;
      empty = result.made === 0 ? empty + 1 : 0;
      if (empty >= emptyRounds)
        return yield* search.confirm(
          'finished',
          `The generator wrote no usable prompt in ${emptyRounds} rounds: a stronger generator model may help.`,
        );
    }
  },
});
