import { defineOptimizer } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { commonFields } from './parts/common-fields.ts';
import { finalCells, finalRows, planRounds } from './parts/plan.ts';
import { halvingRaceCells, rung } from './parts/race.ts';
import { Workbench } from './parts/workbench.ts';

const fields = {
  first: {
    type: 'number',
    label: 'Rows of the first rung',
    help: 'All prompts answer these; then the better half goes on with twice as many, until one is left.',
    min: 1,
    max: 1000,
    step: 1,
    default: 8,
  },
  finalists: commonFields.finalists,
} as const;

/**
 * Which of the prompts that are there is the best: sequential halving on shared, shuffled rows, then the best of them on rows that the
 * race did not touch. Nothing is written, so the generator is never asked. What every other search has to beat.
 */
export const compare = defineOptimizer({
  id: 'compare',
  version: 7,
  label: 'Compare prompts',
  description:
    'Finds the best of the prompts that you have and writes no new ones. Choose it with a small budget, or before any search.',
  fields,
  plan({ first, finalists }, { train, validation, seeds }, calls) {
    const firstRows = Math.min(first, train);
    const final = finalCells(finalists, validation, calls);
    const needed = planRounds(
      {
        start: 0,
        final,
        evaluationsPerRound: seeds * firstRows,
        generatorCallsPerRound: 0,
        mostRounds: 1,
        words: `${seeds} prompts × ${firstRows} rows of the first rung, then the finalists on ${finalRows(finalists, validation, calls)} rows`,
      },
      calls,
    );
    // the best starting prompt joins the finalists where it is none of them: the race goes by grades, it by accuracy
    const compared = finalists === 0 ? 0 : Math.min(finalists + 1, seeds);
    // what the race leaves goes into their rows
    const most = compared * validation + halvingRaceCells(seeds, train, first);
    // the best one is a starting prompt, and is compared with nothing at the end
    const plan = { ...needed, rounds: 0, tested: 1 } as const;
    return plan.problems.length > 0 ? plan : { ...plan, evaluationCalls: Math.min(Math.floor(calls), most) };
  },
  *run(context, { first, finalists }) {
    const bench = new Workbench(context, { finalists, temperature: 0, maxPromptLength: 0, endsWithAll: true });
    const rows = context.random.fork('rows').shuffle(context.train.map(({ id }) => id));
    let alive: readonly Candidate[] = context.seeds;
    let out: readonly Candidate[] = [];
    for (let round = 1, known = 0; ; round++) {
      const { candidates, stop } = yield* bench.listen(round);
      alive = [...alive, ...candidates];
      if (stop) return yield* bench.choose(stop.ended, stop.reason, [...alive, ...out]);
      const next = Math.min(rows.length, known === 0 ? first : 2 * known);
      const isLast = next === rows.length;
      const stay = isLast ? alive.length : Math.ceil(alive.length / 2);
      yield* bench.announce({ type: 'round-started', round, good: alive.map(({ id }) => id), bad: [], examples: [] });
      const order = yield* rung(bench, { round, rung: round }, alive, rows.slice(0, next), stay);
      if (order === 'exhausted')
        return yield* bench.choose('budget-spent', 'The budget ended before the race did.', [...alive, ...out]);
      known = next;
      out = [...order.slice(stay), ...out];
      alive = order.slice(0, stay);
      yield* bench.announce({ type: 'archive-changed', round, residents: alive.map(({ id }) => id) });
      const [best] = alive;
      if (best)
        yield* bench.announce({
          type: 'round-finished',
          round,
          best: best.id,
          note: `${alive.length} of ${order.length} prompts ${alive.length === 1 ? 'goes' : 'go'} on after ${known} rows.`,
        });
      if (alive.length <= 1 || isLast)
        return yield* bench.choose(
          'finished',
          isLast ? 'The prompts were compared on all training rows.' : `The race came down to one after ${known} rows.`,
          [...alive, ...out],
        );
    }
  },
});
