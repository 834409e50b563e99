import { defineOptimizer, perform } from '#core/optimizer.ts';
import { fields, finalCalls } from './contrastive/fields.ts';
import { Search } from './contrastive/search.ts';

/** In a row without any usable proposal: the generator cannot do it, and asking on would only spend. */
const emptyRounds = 6;

/**
 * The loop of the origin: evaluate the prompts, show the generator good and bad ones with a few evaluated examples, evaluate what it
 * writes, and feed that back. Repaired: the chosen strategy reaches the meta prompt, proposals are checked before they are paid for,
 * and the winner is chosen on rows that the generator never saw.
 */
export const contrastive = defineOptimizer({
  id: 'contrastive',
  version: 2,
  label: 'Contrastive (APG)',
  description:
    'Shows the generator good and bad prompts side by side, with examples, and asks for a better one. The loop of the origin.',
  fields,
  plan(values, sizes, calls) {
    const perRound = values.proposals * (1 + sizes.train);
    const fixed = sizes.seeds * sizes.train + finalCalls(values, sizes.validation);
    const rounds = Math.max(0, Math.min(values.rounds, Math.floor((calls - fixed) / perRound)));
    // what is left may hold one more round in which not every new prompt is tried
    const left = Math.floor((calls - fixed - rounds * perRound - values.proposals) / Math.max(1, sizes.train));
    const tried = rounds >= 1 && rounds < values.rounds ? Math.max(0, left) : 0;
    const begun = rounds + (tried > 0 ? 1 : 0);
    return {
      rounds: begun,
      evaluationCalls: fixed + (rounds * values.proposals + tried) * sizes.train,
      generatorCalls: begun * values.proposals,
      problems:
        rounds >= 1
          ? []
          : [
              `The budget does not hold one round: ${Math.max(0, Math.floor(calls))} calls are left after the test rows are set aside, ` +
                `${fixed + perRound} are needed (${sizes.seeds} starting prompts × ${sizes.train} rows, then ${values.proposals} new × ${sizes.train} rows, then the finalists). ` +
                'Raise the budget or use fewer rows.',
            ],
    };
  },
  *run(context, values) {
    const search = new Search(context, values);
    const keep = finalCalls(values, context.validation.length);
    if (!(yield* search.evaluate(context.seeds, keep)))
      return search.outcome('budget-spent', 'The budget ended with the starting prompts.');
    let empty = 0;
    for (let round = 1; round <= values.rounds; round++) {
      const { candidates, hints, stop } = yield* perform('listen', { round });
      search.hint(hints);
      if (!(yield* search.add(candidates, keep))) return yield* search.confirm('budget-spent', 'The budget is spent.');
      if (stop) return yield* search.confirm(stop.ended, stop.reason);
      const proposed = yield* search.propose(round, keep);
      if (proposed === 'exhausted') return yield* search.confirm('budget-spent', 'The budget is spent.');
      empty = proposed.length === 0 ? empty + 1 : 0;
      if (empty >= emptyRounds)
        return yield* search.confirm(
          'finished',
          `The generator wrote no usable prompt in ${emptyRounds} rounds: a stronger generator model may help.`,
        );
      if (!(yield* search.evaluate(proposed, keep)))
        return yield* search.confirm('budget-spent', 'The budget is spent.');
      yield* perform('announce', {
        fact: { type: 'round-finished', round, best: search.best().candidate.id, note: search.note(proposed) },
      });
    }
    return yield* search.confirm('finished', `All ${values.rounds} rounds are done.`);
  },
});
