import { candidateWith, type Demonstration } from '#core/demonstrations.ts';
import type { CandidateId } from '#core/id.ts';
import { defineOptimizer, type OptimizerContext, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { raceBlocks, type BlockRace } from './capo/block-race.ts';
import { demonstrationOf, demonstrationPool } from './capo/demonstrations.ts';
import { fields, type CapoValues } from './capo/fields.ts';
import { crossedDemonstrations, mutatedDemonstrations } from './capo/offspring.ts';
import { canonical, noAnswer, talkIn } from './parts/check-proposal.ts';
import { demonstrationsOf } from './parts/demonstrations.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { proposalTokens } from './parts/longest-prompt.ts';
import { numberedPrompts } from './parts/meta-prompt-blocks.ts';
import { drawParents } from './parts/parents.ts';
import { readProposal } from './parts/read-proposal.ts';
import { byRounds, noteOf } from './parts/rounds.ts';
import { affordable, planSampled, rowsWithin, type SampledSearch } from './parts/row-sample.ts';
import { announceVerdicts } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';

/** Share of the blocks that a candidate sees on average, in the logs that the authors published. */
const usedShare = 0.57;

const costsOf = (values: CapoValues, seeds: number): SampledSearch => {
  const raced = (count: number, rows: number): number =>
    Math.ceil(count * Math.max(Math.min(rows, values.block), usedShare * rows));
  return {
    ...values,
    start: (rows) => raced(seeds + (values.maxDemos > 0 ? Math.min(seeds, values.population) : 0), rows),
    round: (rows) => raced(values.population + values.crossovers, rows),
    generatorCalls: 2 * values.crossovers,
    prompts: values.crossovers,
    // the survivors are known on their rows already
    short: (rows) => ({ cells: values.crossovers * Math.min(rows, values.block), texts: 2 * values.crossovers }),
    // where nobody leaves a race, all blocks are asked; a new prompt may be asked for once more, and what a generator thinks about, once
    beyond: (rounds, rows) => ({
      cells: Math.ceil((1 - usedShare) * rows * (2 * seeds + rounds * (values.population + values.crossovers))),
      texts: (rounds + 1) * values.crossovers,
    }),
    words: (rows) =>
      `${seeds} starting prompts with and without examples in a race on up to ${rows} rows, then ${values.population} survivors and ${values.crossovers} new ones in another`,
  };
};

/** CAPO (Zehle et al. 2025): instructions and demonstrations evolve together, and races save the calls that the losers would take. */
export const capo = defineOptimizer({
  id: 'capo',
  version: 9,
  label: 'CAPO (2025)',
  description:
    'Evolves prompts together with worked examples and drops losers early. Choose it where showing examples helps, and with a thousand calls or more.',
  fields,
  plan: (values, sizes, calls) => planSampled(costsOf(values, sizes.seeds), sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const pool = demonstrationPool(context);
    const shownBy = new Map<CandidateId, readonly Demonstration[]>(
      context.seeds.map((seed) => [seed.id, demonstrationsOf(seed, context)]),
    );
    const written = new Set(context.seeds.map(({ prompt }) => canonical(prompt)));
    let members: readonly Candidate[] = context.seeds;
    function* race(round: number, candidates: readonly Candidate[]): Procedure<boolean> {
      const { order, complete } = yield* raceBlocks(bench, candidates, raceOf(round, context, values));
      members = order;
      return complete;
    }
    const choose = (ended: 'finished' | 'budget-spent', reason: string) => bench.choose(ended, reason, members);

    const random = context.random.fork('first generation');
    const starters: Candidate[] = [...context.seeds];
    for (const seed of random.sample(context.seeds, values.population)) {
      const rows = random.sample(pool, values.maxDemos === 0 ? 0 : 1 + random.integer(values.maxDemos));
      const demonstrations = rows.map((example) => demonstrationOf(bench, example, []));
      const origin = { type: 'proposal', round: 0, parents: [seed.id], operator: 'demonstrations' } as const;
      const made = candidateWith(instructionOf(seed), demonstrations, context.task.template, origin);
      const fresh = yield* bench.introduce(0, made);
      if (fresh) starters.push(fresh);
      shownBy.set(made.id, demonstrations);
    }
    if (!(yield* race(0, starters))) return yield* choose('budget-spent', 'The budget ended with the first race.');

    const admit = (round: number, candidates: readonly Candidate[]) => {
      for (const one of candidates) shownBy.set(one.id, demonstrationsOf(one, context));
      return race(round, [...members, ...candidates]);
    };
    // each race has other rows, or all the same
    const rows = values.rotate ? context.train.map(({ id }) => id) : raceOf(0, context, values).rows;
    const course = { rounds: values.rounds, rows, best: () => members[0] };
    const end = yield* byRounds(bench, course, admit, function* (round) {
      const luck = context.random.fork(`round ${round}`);
      const block = Math.min(values.block, context.train.length);
      const each = (count: number): number => 2 * count + (members.length + count) * block;
      const count = affordable(values.crossovers, bench.callsLeft, each);
      if (count === 0) return 'exhausted';
      yield* bench.announce({ type: 'round-started', round, good: members.map(({ id }) => id), bad: [], examples: [] });
      const frame = frameOf(bench);
      const pairs = Array.from({ length: count }, () =>
        drawParents(
          members.map((item) => ({ item, score: 1 })),
          'uniform',
          true,
          luck,
        ),
      );
      const merged = yield* bench.write(
        round,
        pairs.map((pair) => asked(values.crossoverPrompt, { ...frame, parents: numberedPrompts(pair) })),
        proposalTokens(bench.maxPromptLength),
      );
      if (merged === 'exhausted') return 'exhausted';
      const drafts = pairs.map(([a, b], place) => {
        const output = merged[place];
        const { prompt, cut } = output ? readProposal(output) : { prompt: '', cut: false };
        const isUsable = !cut && prompt !== '' && output && !noAnswer(output) && !talkIn(prompt);
        const crossed = crossedDemonstrations(shownBy.get(a.id) ?? [], shownBy.get(b.id) ?? [], luck);
        const show = (example: Demonstration['example']) => demonstrationOf(bench, example, [a, b]);
        const demonstrations = mutatedDemonstrations(crossed, pool, values.maxDemos, show, luck);
        const text = isUsable ? prompt : instructionOf(a);
        return {
          messages: asked(values.mutationPrompt, { ...frame, prompt: text }),
          operator: 'crossover and mutation',
          parents: [...new Set([a.id, b.id])],
          demonstrations,
          why: isUsable ? 'Two prompts merged, then rephrased.' : 'Rephrased; the merge before it was unusable.',
        };
      });
      const made = yield* bench.propose(round, drafts, { again: true });
      if (made === 'exhausted') return 'exhausted';
      for (const child of made)
        shownBy.set(child.id, drafts.find(({ demonstrations }) => shows(child, demonstrations))?.demonstrations ?? []);
      // without a child there is nobody to race against
      const held = made.length === 0 || (yield* race(round, [...members, ...made]));
      const words = { kept: 'survived the race', dropped: 'left in the race' };
      yield* announceVerdicts(bench, round, made, members, words);
      const best = members[0] ?? bench.bestSeed();
      // an instruction that was there before is a new prompt with other examples, and yet the generator has not helped
      const helped = made.filter((child) => !written.has(canonical(instructionOf(child))));
      for (const child of made) written.add(canonical(instructionOf(child)));
      return held ? { best, note: noteOf(made, best), drafts: 2 * count, usable: helped.length } : 'exhausted';
    });
    return yield* choose(end.ended, end.reason);
  },
});

const shows = ({ demos }: Candidate, demonstrations: readonly Demonstration[]): boolean =>
  (demos?.examples ?? []).join() === demonstrations.map(({ example }) => example.id).join();

const raceOf = (round: number, context: OptimizerContext, values: CapoValues) => {
  const { train, random, seeds } = context;
  const order = random.fork(values.rotate ? `rows ${round}` : 'rows').shuffle(train.map(({ id }) => id));
  return {
    ...values,
    round,
    rows: order.slice(0, rowsWithin(context, costsOf(values, seeds.length))),
    survivors: values.population,
    rivals: values.rivals === 'all' ? 'all' : 'best',
    fullLength: Math.max(...seeds.map(({ prompt }) => prompt.length)),
  } satisfies BlockRace;
};
