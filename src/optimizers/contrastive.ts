import { defineOptimizer, perform, type Plan, type PlanSizes } from '#core/optimizer.ts';
import { fields, type ContrastiveValues } from './contrastive/fields.ts';
import { Search } from './contrastive/search.ts';
import { finalCells, planRounds } from './parts/plan.ts';
import { allRoundsDone, nextTooLarge } from './parts/rounds.ts';

/** In a row without any usable proposal: the generator cannot do it, and asking on would only spend. */
const emptyRounds = 6;

/** Where every second new prompt is turned down: what it saves holds more rounds, and about as many prompts are tried. */
function withHalfTried(
  { proposals, rounds: mostRounds }: ContrastiveValues,
  train: number,
  { rounds: planned, prompts }: Plan,
  calls: number,
): Pick<Plan, 'most'> {
  const rounds = Math.min(mostRounds, Math.floor(calls / (proposals * (1 + train / 2))));
  return rounds > planned ? { most: { rounds, prompts, generatorCalls: rounds * proposals } } : {};
}

function planLoop(values: ContrastiveValues, { train, validation, seeds }: PlanSizes, calls: number): Plan {
  const final = finalCells(values.finalists, validation, calls);
  const perRound = values.proposals * (1 + train);
  const plan = planRounds(
    {
      start: seeds * train,
      final,
      evaluationsPerRound: values.proposals * train,
      generatorCallsPerRound: values.proposals,
      mostRounds: values.rounds,
      words: `${seeds} starting prompts × ${train} rows, then ${values.proposals} new × ${train} rows, then the finalists`,
    },
    calls,
  );
  if (plan.problems.length > 0 || plan.rounds >= values.rounds) return plan;
  // a prompt that is turned down is not tried, which leaves calls for others
  const open = { ...plan, spendsAll: true, ...withHalfTried(values, train, plan, calls - seeds * train - final) };
  // what is left may hold one more round in which not every new prompt is tried
  const left = calls - seeds * train - final - plan.rounds * perRound - values.proposals;
  const tried = Math.floor(left / Math.max(1, train));
  if (tried <= 0) return open;
  return {
    ...open,
    rounds: plan.rounds + 1,
    evaluationCalls: plan.evaluationCalls + tried * train,
    generatorCalls: plan.generatorCalls + values.proposals,
    prompts: plan.prompts + tried,
    ...(open.most ? { most: { ...open.most, prompts: plan.prompts + tried } } : {}),
  };
}

/** A generator that thinks is asked once more, the first time. */
function withThinking(plan: Plan, texts: number, calls: number): Plan {
  if (plan.problems.length > 0) return plan;
  const left = Math.max(0, Math.floor(calls) - plan.evaluationCalls - plan.generatorCalls);
  const more = <P extends { readonly generatorCalls: number }>(told: P): P => ({
    ...told,
    generatorCalls: told.generatorCalls + Math.min(texts, left),
  });
  return { ...more(plan), ...(plan.most ? { most: more(plan.most) } : {}) };
}

/**
 * The loop of the origin: evaluate the prompts, show the generator good and bad ones with a few evaluated examples, evaluate what it
 * writes, and feed that back. Repaired: the chosen strategy reaches the meta prompt, proposals are checked before they are paid for,
 * and the winner is chosen on rows that the generator never saw.
 */
export const contrastive = defineOptimizer({
  id: 'contrastive',
  version: 10,
  label: 'Contrastive (APG)',
  description:
    'Shows the generator good and bad prompts side by side, with examples, and asks for a better one. Choose it to see every prompt tried on the same rows: the loop of the project that this app grew out of.',
  fields,
  plan: (values, sizes, calls) => withThinking(planLoop(values, sizes, calls), values.proposals, calls),
  *run(context, values) {
    const search = new Search(context, values);
    const keep = finalCells(values.finalists, context.validation.length, context.calls);
    if (!(yield* search.evaluate(context.seeds, keep)))
      return yield* search.confirm('budget-spent', 'The budget ended with the starting prompts.');
    let empty = 0;
    for (let round = 1; round <= values.rounds; round++) {
      const { candidates, hints, stop } = yield* perform('listen', { round });
      search.hint(hints);
      if (!(yield* search.add(candidates, keep))) return yield* search.confirm('budget-spent', nextTooLarge);
      if (stop) return yield* search.confirm(stop.ended, stop.reason);
      const proposed = yield* search.propose(round, keep);
      if (proposed === 'exhausted') {
        yield* perform('announce', {
          fact: { type: 'round-finished', round, best: search.best().candidate.id, note: nextTooLarge },
        });
        return yield* search.confirm('budget-spent', nextTooLarge);
      }
      empty = proposed.length === 0 ? empty + 1 : 0;
      if (empty >= emptyRounds)
        return yield* search.confirm(
          'finished',
          `The generator wrote no usable prompt in ${emptyRounds} rounds: a stronger generator model may help.`,
        );
      if (!(yield* search.evaluate(proposed, keep))) return yield* search.confirm('budget-spent', nextTooLarge);
      yield* search.judge(round, proposed);
      yield* perform('announce', {
        fact: { type: 'round-finished', round, best: search.best().candidate.id, note: search.note(proposed) },
      });
    }
    return yield* search.confirm('finished', allRoundsDone(values.rounds));
  },
});
