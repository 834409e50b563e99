import { defineOptimizer } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { contest, contestCells, shortContestCells } from './parts/contest.ts';
import { measure } from './parts/measure.ts';
import { wrongRows } from './parts/records.ts';
import { byRounds, noteOf } from './parts/rounds.ts';
import { affordable, planSampled, sharedRows, type SampledSearch } from './parts/row-sample.ts';
import { announceVerdicts } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';
import { expand } from './protegi/expand.ts';
import { fields, type ProtegiValues } from './protegi/fields.ts';

/** Cells of the look for errors: after a race that asked all rows of all that came through there are none left. */
const errorCells = ({ selection, minibatch }: ProtegiValues, beam: number, rows: number): number =>
  selection === 'all' ? 0 : beam * Math.min(minibatch, rows);

const costsOf = (values: ProtegiValues, seeds: number): SampledSearch => ({
  ...values,
  start: (rows) => contestCells(seeds, rows, values),
  round: (rows) =>
    errorCells(values, values.beam, rows) + contestCells(values.beam * (1 + values.mostNew), rows, values),
  generatorCalls: values.beam * (values.reasons + values.mostNew),
  prompts: values.beam * values.mostNew,
  short: (rows) => ({
    cells: shortContestCells(values.beam * values.mostNew, rows, values),
    texts: values.beam * (values.reasons + values.mostNew),
  }),
  // a new prompt may be asked for once more; reasons, the first time that a generator thinks about them
  beyond: (rounds) => ({ texts: rounds * values.beam * values.mostNew + values.beam * values.reasons }),
  words: (rows) =>
    `${seeds} starting prompts on up to ${rows} rows, then ${values.beam} kept and up to ${values.beam * values.mostNew} new ones on up to ${rows} rows`,
});

const nothingToCorrect =
  'Nothing to correct: the prompts that are kept made no error on the rows that they were asked about.';

/** ProTeGi (Pryzant et al. 2023): the reasons of errors are the gradient, corrected prompts the step, and a beam keeps the best. */
export const protegi = defineOptimizer({
  id: 'protegi',
  version: 9,
  label: 'ProTeGi (2023)',
  description:
    'Asks why a prompt fails on the rows that it gets wrong, and corrects that. Choose it when the errors have causes that can be named.',
  fields,
  plan: (values, sizes, calls) => planSampled(costsOf(values, sizes.seeds), sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const rows = sharedRows(context, costsOf(values, context.seeds.length));
    let beam: readonly Candidate[] = [];
    function* meet(round: number, fresh: readonly Candidate[]) {
      const random = context.random.fork(`contest ${round}`);
      const { order, complete } = yield* contest(bench, [...beam, ...fresh], { round, rows }, values, random);
      beam = order.slice(0, values.beam);
      return complete;
    }
    if (!(yield* meet(0, context.seeds)))
      return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', beam);

    const course = { rounds: values.rounds, rows, best: () => beam[0] };
    const end = yield* byRounds(bench, course, meet, function* (round) {
      const random = context.random.fork(`round ${round}`);
      const each = (count: number): number =>
        count * (values.reasons + values.mostNew) +
        errorCells(values, count, rows.length) +
        contestCells(count * (1 + values.mostNew), rows.length, values);
      const expanded = beam.slice(0, affordable(beam.length, bench.callsLeft, each));
      if (expanded.length === 0) return 'exhausted';
      const minibatch = random.fork('minibatch').sample(rows, values.minibatch);
      if (!(yield* measure(bench, expanded, minibatch))) return 'exhausted';
      const errors = new Map(expanded.map((member) => [member, wrongRows(bench, member, minibatch)]));
      yield* bench.announce({
        type: 'round-started',
        round,
        good: expanded.map(({ id }) => id),
        bad: [],
        examples: [...new Set([...errors.values()].flat())],
      });
      const told = yield* expand(bench, round, errors, values, random);
      if (told === 'exhausted') return 'exhausted';
      const { made, asked } = told;
      if (asked === 0) {
        const best = beam[0] ?? bench.bestSeed();
        const isAll = minibatch.length === rows.length && expanded.length === beam.length;
        return {
          ...{
            best,
            note: 'Nothing was found to correct.',
            drafts: 0,
            usable: 0,
            lacked: 'Nothing was found to correct',
          },
          ...(isAll ? { done: nothingToCorrect } : {}),
        };
      }
      const held = yield* meet(round, made);
      const words = { kept: 'is kept and improved further', dropped: 'the kept ones are better' };
      yield* announceVerdicts(bench, round, made, beam, words);
      const best = beam[0] ?? bench.bestSeed();
      return held ? { best, note: noteOf(made, best), drafts: asked, usable: made.length } : 'exhausted';
    });
    return yield* bench.choose(end.ended, end.reason, beam);
  },
});
