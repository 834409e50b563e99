import { candidateWith, type Demonstration } from '#core/demonstrations.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { instructionOf, renderQuery, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import metaPrompt from './meta-prompts/simba.txt?raw';
import { searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { Batches } from './parts/batches.ts';
import { demonstrationsOf, labelledRows, ownAnswers } from './parts/demonstrations.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { finalCells, planSpending } from './parts/plan.ts';
import type { Draft } from './parts/proposals.ts';
import { poisson, sampleWeighted } from './parts/weighted.ts';
import { Workbench } from './parts/workbench.ts';
import { fields, type SimbaOptions } from './simba/fields.ts';

/** Graded scores of a row this close tell nothing about what made the difference. */
const leastSpread = 0.1;
/** Winners of single rounds that are tried on all rows at the end. */
const mostWinners = 7;
const shownInput = 600;

/** What the prompts of a round made of one row, the best first. */
type Bucket = { readonly row: ExampleId; readonly order: readonly Candidate[]; readonly key: readonly number[] };

/**
 * SIMBA: several prompts answer the same rows; where they differ most, the good answer becomes a worked example, or advice is written
 * from the contrast of the good and the bad one and appended. Repaired: prompts of different rounds are compared on shared rows, rows
 * that nobody gets right teach too, and the winner is chosen on unseen rows.
 */
export const simba = defineOptimizer({
  id: 'simba',
  version: 8,
  label: 'SIMBA (2025)',
  description:
    'Learns from rows that one prompt gets right and another wrong, by advice and worked examples. Choose it when you bring several different starting prompts.',
  fields,
  plan(values, { train, validation, seeds }, calls) {
    const batch = Math.min(values.minibatch, train);
    return planSpending(
      {
        // the prompts that the first round compares are known already
        start: seeds * train - values.variants * batch,
        final: finalCells(values.finalists, validation, calls) + train,
        evaluationsPerRound: (values.variants + values.steps) * batch,
        generatorCallsPerRound: values.steps,
        // those that it is compared with may be known on the rows already
        shortRound: { cells: values.steps * batch, texts: values.steps },
        mostRounds: values.rounds,
        beyond: (rounds) => ({ cells: (Math.min(mostWinners, rounds) - 1) * train, texts: values.steps }),
        words: `${seeds} starting prompts × ${train} rows, then ${values.steps} new ones × ${batch} rows, one of them on all rows, then the finalists`,
      },
      calls,
    );
  },
  *run(context, values) {
    const bench = new Workbench(context, values);
    const search = new Simba(bench, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: () => search.least(),
      source: 'Neither worked examples nor advice of the generator brought a new prompt',
      round: (round) => search.round(round),
      finish: () => search.finish(),
    });
  },
});

class Simba {
  readonly #bench: Workbench;
  readonly #values: SimbaOptions;
  readonly #rows: readonly ExampleId[];
  readonly #batches: Batches;
  readonly #winners = new Set<CandidateId>();

  constructor(bench: Workbench, values: SimbaOptions) {
    this.#bench = bench;
    this.#values = values;
    this.#rows = bench.context.train.map(({ id }) => id);
    this.#batches = new Batches(this.#rows, bench.context.random.fork('batches'));
  }

  /** The most that a round takes, and what the winners of the rounds still take at the end, with one more. */
  least(): number {
    const { variants, steps, minibatch } = this.#values;
    const batch = Math.min(minibatch, this.#rows.length);
    const open = this.#bench.candidates().filter(({ id }) => !this.#bench.isFullyAsked(id)).length;
    const winners = Math.min(mostWinners, this.#winners.size + 1) * this.#rows.length;
    return Math.min(variants, open) * batch + steps * (batch + 1) + winners;
  }

  *round(round: number): Procedure<RoundResult> {
    const bench = this.#bench;
    const random = bench.context.random.fork(`round ${round}`);
    const batch = this.#batches.next(this.#values.minibatch);
    const compared = this.#draw(random.fork('variants'), this.#values.variants);
    const good = compared.map(({ id }) => id);
    yield* bench.announce({ type: 'round-started', round, good, bad: [], examples: batch });
    if (!(yield* bench.evaluate(compared, batch))) return 'exhausted';
    const made = yield* this.#step(round, this.#buckets(compared, batch), random);
    if (made === 'exhausted') return 'exhausted';
    if (made.length === 0) return { proposed: 0, note: 'The rows of this round taught nothing new.' };
    if (!(yield* bench.evaluate(made, batch))) return 'exhausted';
    const lead = bench.book.leads([...compared, ...made], batch);
    const [winner, ...others] = [...made].sort((a, b) => lead(b) - lead(a));
    if (winner) this.#winners.add(winner.id);
    const before = Math.max(...compared.map(lead));
    for (const candidate of winner ? [winner, ...others] : []) {
      const accepted = candidate === winner;
      const reason = accepted
        ? `The best of ${made.length} on the ${batch.length} rows of this round: it meets all rows at the end.`
        : 'Not the best of this round; it stays in the pool.';
      yield* bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted, reason });
    }
    const isBetter = winner !== undefined && lead(winner) > before;
    return {
      proposed: made.length,
      note: isBetter
        ? 'A new prompt did better on these rows than all that were compared.'
        : 'No new prompt did better on these rows than those that were compared.',
    };
  }

  /** The winners of the rounds meet all rows, the most promising ones first, as far as the budget goes. */
  *finish(): Procedure<void> {
    const winners = this.#bench.candidates().filter(({ id }) => this.#winners.has(id));
    // a limit that is no number of calls has ended the search: those that may become finalists meet them all the same
    const reserved = this.#bench.isCutShort;
    const most = this.#bench.isStopped || reserved ? Math.max(1, this.#values.finalists) : mostWinners;
    const order = [...winners].sort((a, b) => this.#scoreOf(b) - this.#scoreOf(a)).slice(0, most);
    for (const winner of order) if (!(yield* this.#bench.evaluate([winner], this.#rows, { reserved }))) return;
  }

  #scoreOf({ id }: Candidate): number {
    const { book } = this.#bench;
    return this.#values.paired ? book.estimate(id, this.#bench.bestSeed().id) : (book.mean(id)?.value ?? 0);
  }

  /** Different prompts of the pool, the better ones more likely: softmax of their scores. */
  #draw(random: Random, count: number): readonly Candidate[] {
    const known = this.#bench.candidates();
    const pool = known.length > 0 ? known : this.#bench.context.seeds;
    return sampleWeighted(pool, (one) => Math.exp(this.#scoreOf(one) / this.#values.softness), count, random);
  }

  /** The rows by how much can be learned from the difference of their answers. */
  #buckets(compared: readonly Candidate[], batch: readonly ExampleId[]): readonly Bucket[] {
    const { book } = this.#bench;
    return batch
      .flatMap((row): Bucket[] => {
        const graded = compared.filter(({ id }) => book.grade(id, row) !== undefined);
        const grade = ({ id }: Candidate): number => book.grade(id, row) ?? 0;
        const order = [...graded].sort((a, b) => grade(b) - grade(a));
        const grades = order.map(grade);
        const [most, least] = [grades[0], grades.at(-1)];
        if (most === undefined || least === undefined) return [];
        const mean = grades.reduce((sum, value) => sum + value, 0) / grades.length;
        return [{ row, order, key: [most - least, most, most - mean] }];
      })
      .sort((a, b) => b.key.reduce((found, value, place) => found || value - (a.key[place] ?? 0), 0));
  }

  *#step(round: number, buckets: readonly Bucket[], random: Random): Procedure<readonly Candidate[] | 'exhausted'> {
    const bench = this.#bench;
    const made: Candidate[] = [];
    const drafts: Draft[] = [];
    for (const bucket of buckets) {
      if (made.length + drafts.length >= this.#values.steps) break;
      const chance = random.fork(`row ${bucket.row}`);
      const source = this.#draw(chance.fork('source'), 1)[0] ?? bench.bestSeed();
      const kept = this.#thinned(source, chance.fork('drop'));
      const moves = chance.shuffle(['demonstration', 'advice'] as const);
      for (const move of moves) {
        if (move === 'advice') {
          const draft = this.#advice(bucket, source, kept);
          if (!draft) continue;
          drafts.push(draft);
          break;
        }
        const composed = this.#demonstration(round, bucket, source, kept);
        const candidate = composed && (yield* bench.introduce(round, composed));
        if (!candidate) continue;
        made.push(candidate);
        break;
      }
    }
    if (drafts.length === 0) return made;
    const written = yield* bench.propose(round, drafts);
    return written === 'exhausted' ? 'exhausted' : [...made, ...written];
  }

  /** The source's demonstrations without a few: more of them fall the more there are, and one at least where there is no room. */
  #thinned(source: Candidate, random: Random): readonly Demonstration[] {
    const shown = demonstrationsOf(source, this.#bench.context);
    const most = Math.max(1, this.#values.mostDemonstrations);
    const drop = Math.max(poisson(shown.length / most, random), Number(shown.length >= most));
    const left = new Set(random.sample(shown, shown.length - drop));
    return shown.filter((one) => left.has(one));
  }

  /** The good answer to the row as one more worked example. */
  #demonstration(
    round: number,
    { row, order: [best], key }: Bucket,
    source: Candidate,
    kept: readonly Demonstration[],
  ): Candidate | undefined {
    if (!best || kept.length >= this.#values.mostDemonstrations) return undefined;
    // as dspy has it: where all answers are alike nothing is learned from the row
    if (!this.#values.teach && (key[0] ?? 0) < leastSpread) return undefined;
    // the row that stays is what the prompt is measured on
    if (kept.length + 1 >= this.#rows.length || kept.some(({ example }) => example.id === row)) return undefined;
    const own = ownAnswers(this.#bench, [best]).find(({ example }) => example.id === row);
    const shown =
      own ?? (this.#values.teach ? labelledRows(this.#bench).find(({ example }) => example.id === row) : undefined);
    if (!shown) return undefined;
    const isContrast = (key[0] ?? 0) >= leastSpread;
    const why = `With one more worked example: a row ${isContrast ? 'where the prompts of the round differed' : 'on which the prompts of the round did alike'}.`;
    return candidateWith(instructionOf(source), [...kept, shown], this.#bench.context.task.template, {
      type: 'proposal',
      round,
      parents: [source.id],
      operator: 'demonstration',
      why,
    });
  }

  /** Advice from the good and the bad answer to the same row, to be appended to the source's instruction. */
  #advice({ row, order, key }: Bucket, source: Candidate, kept: readonly Demonstration[]): Draft | undefined {
    const [best, worst] = [order[0], order.at(-1)];
    const { book, context } = this.#bench;
    const [good, bad] = [best && book.result(best.id, row), worst && book.result(worst.id, row)];
    if (!best || !worst || good?.type !== 'answered' || bad?.type !== 'answered' || bad.outcome === 'right')
      return undefined;
    const hasGood = good.outcome === 'right' && (key[0] ?? 0) >= leastSpread;
    if (!hasGood && !this.#values.teach) return undefined;
    const example = this.#bench.example(row);
    const instruction = instructionOf(source);
    const messages = asked(metaPrompt, {
      ...frameOf(this.#bench, { isPiece: true }),
      input: renderQuery(context.task.template, example).slice(0, shownInput),
      'good answer': hasGood ? good.answer : (example.targets[0] ?? ''),
      'good instruction': hasGood ? instructionOf(best) : '(none: it is the right answer of the data)',
      'bad answer': bad.answer.trim() || '(nothing)',
      'bad instruction': instructionOf(worst),
      instruction,
    });
    return {
      messages,
      operator: 'advice',
      parents: [source.id, ...(hasGood ? [best.id] : []), worst.id],
      why: hasGood
        ? 'With advice from a row that one prompt got right and another wrong.'
        : 'With advice from a row that no prompt got right.',
      demonstrations: kept,
      compose: (advice) => (instruction.includes(advice) ? instruction : `${instruction}\n\n${advice}`),
    };
  }
}
