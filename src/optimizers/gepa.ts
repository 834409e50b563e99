import type { Fields, Values } from '#core/fields.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import mergePrompt from './meta-prompts/gepa-merge.txt?raw';
import reflectPrompt from './meta-prompts/gepa-reflect.txt?raw';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { Batches } from './parts/batches.ts';
import { gateCells, gateField, passesGate } from './parts/child-gate.ts';
import { commonFields } from './parts/common-fields.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { paretoLeaders, type Leader } from './parts/pareto.ts';
import type { Draft } from './parts/proposals.ts';
import { instructionBlock, recordsBlock } from './parts/records.ts';
import { roundsField } from './parts/rounds.ts';
import { pickWeighted } from './parts/weighted.ts';
import { Workbench } from './parts/workbench.ts';

/** Rows that decide about a merge, in thirds: where the first parent is better, where the second one is, and where they tie. */
const mergeRows = 5;
/** Rewritings of a parent that did not help, as far as the generator is told of them. */
const toldFailures = 2;

const fields = {
  minibatch: {
    type: 'number',
    label: 'Rows to reflect on',
    help: 'So many answers of a prompt are shown to the generator for one rewriting.',
    min: 1,
    max: 20,
    step: 1,
    default: 3,
  },
  ...gateField,
  tolerance: {
    type: 'number',
    label: 'Tolerance of the fronts',
    help: 'Graded scores this close count as a tie for the best of a row. With 0 nearly each row has a single owner, as graded scores hardly tie.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.1,
    advanced: true,
  },
  merges: {
    type: 'number',
    label: 'Merges',
    help: 'At most so many times two prompts that are good at different rows are merged by the generator. The paper swaps the parts of a program; a single prompt has none to swap.',
    min: 0,
    max: 50,
    step: 1,
    default: 5,
    advanced: true,
  },
  remember: {
    type: 'flag',
    label: 'Tell which rewritings did not help',
    help: 'The paper forgets them, and the generator may write them again.',
    default: true,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
} as const satisfies Fields;
type Options = Values<typeof fields>;

/**
 * GEPA: each round a prompt that is best on some rows is shown what it led to on a few of them, and rewritten; a rewriting that passes
 * a small gate is tried on all rows. Repaired: the parent's answers are known already, the gate is not strict and goes on to rows that
 * the rewriting has not seen, failed rewritings are remembered, truncated ones refused, and the winner is chosen on unseen rows.
 */
export const gepa = defineOptimizer({
  id: 'gepa',
  version: 9,
  label: 'GEPA (2025)',
  description:
    'Reflects on a few answers at a time and keeps every prompt that is best on some row. Choose it with a strong generator model and a budget of at least fifteen passes over the training rows.',
  fields,
  plan: (values, sizes, calls) =>
    planAllRows(values, sizes, calls, {
      cells: Math.max(sizes.train, gateCells(values.minibatch, sizes.train, values.gate)),
      texts: 2,
      prompts: 1,
      short: { cells: Math.min(values.minibatch, sizes.train), texts: 1 },
      words: 'one rewriting on all rows',
    }),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const search = new Gepa(bench, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: 2 + context.train.length,
      round: (round) => search.round(round),
    });
  },
});

class Gepa {
  readonly #bench: Workbench;
  readonly #values: Options;
  readonly #rows: readonly ExampleId[];
  readonly #batches: Batches;
  readonly #failed = new Map<CandidateId, Candidate[]>();
  readonly #merged = new Set<string>();
  #mergeIsDue = false;

  constructor(bench: Workbench, values: Options) {
    this.#bench = bench;
    this.#values = values;
    this.#rows = bench.context.train.map(({ id }) => id);
    this.#batches = new Batches(this.#rows, bench.context.random.fork('batches'));
  }

  *round(round: number): Procedure<RoundResult> {
    const random = this.#bench.context.random.fork(`round ${round}`);
    const leaders = this.#leaders();
    const pair = this.#mergeIsDue ? this.#pair(leaders, random.fork('pair')) : undefined;
    this.#mergeIsDue = false;
    return pair ? yield* this.#merge(round, pair, random) : yield* this.#reflect(round, leaders, random);
  }

  #leaders(): readonly Leader[] {
    const pool = this.#bench.fullyAsked().map(({ id }) => id);
    // without a single answer there is nothing to compare, and one prompt is as good as another
    if (pool.length === 0) return [{ candidate: this.#bench.bestSeed().id, fronts: 0 }];
    return paretoLeaders(pool, this.#rows, (id, row) => this.#bench.book.grade(id, row), this.#values.tolerance);
  }

  *#reflect(round: number, leaders: readonly Leader[], random: Random): Procedure<RoundResult> {
    const bench = this.#bench;
    const drawn = pickWeighted(leaders, ({ fronts }) => fronts, random.fork('parent'));
    const parent = this.#candidate(drawn.candidate);
    const batch = this.#batches.nextWithErrors(bench, parent, this.#values.minibatch);
    yield* bench.announce({ type: 'round-started', round, good: [parent.id], bad: [], examples: batch });
    const failed = this.#values.remember ? (this.#failed.get(parent.id) ?? []).slice(-toldFailures) : [];
    const messages = asked(reflectPrompt, {
      ...frameOf(bench),
      instruction: instructionBlock(bench, parent),
      records: recordsBlock(bench, parent, batch),
      'failed rewritings':
        failed.length === 0
          ? ''
          : ['Rewritings that did worse:', ...failed.map((one) => `- ${instructionOf(one)}`)].join('\n'),
    });
    const why = `Rewritten after a look at ${batch.length} of its answers; it leads on ${drawn.fronts} rows.`;
    const child = yield* this.#written(round, { messages, operator: 'reflect', parents: [parent.id], why });
    if (child === 'exhausted') return 'exhausted';
    if (!child) return { proposed: 0, note: 'The generator wrote no usable prompt.' };
    const gate = { child, parent, batch, gate: this.#values.gate, random: random.fork('gate') };
    const verdict = yield* passesGate(bench, gate);
    if (verdict === 'exhausted') return 'exhausted';
    if (!verdict.passed) this.#failed.set(parent.id, [...(this.#failed.get(parent.id) ?? []), child]);
    return yield* this.#settle(round, child, verdict);
  }

  *#merge(round: number, [first, second]: readonly [Candidate, Candidate], random: Random): Procedure<RoundResult> {
    const bench = this.#bench;
    // a row that failed for one of them, or that one of them shows, says nothing about the two
    const graded = this.#rows.filter((row) => bench.book.difference(first.id, second.id, [row]) !== undefined);
    const gain = (row: ExampleId): number => bench.book.difference(first.id, second.id, [row])?.value ?? 0;
    const wins = (sign: number): readonly ExampleId[] =>
      random.fork(`wins ${sign}`).shuffle(graded.filter((row) => Math.sign(tied(gain(row))) === sign));
    const [firstWins, secondWins, ties] = [wins(1), wins(-1), wins(0)];
    const third = Math.ceil(mergeRows / 3);
    const judges = [...firstWins.slice(0, third), ...secondWins.slice(0, third), ...ties].slice(0, mergeRows);
    const shown = [...firstWins.slice(0, third), ...secondWins.slice(0, third)];
    yield* bench.announce({ type: 'round-started', round, good: [first.id, second.id], bad: [], examples: shown });
    const messages = asked(mergePrompt, {
      ...frameOf(bench),
      first: instructionBlock(bench, first),
      second: instructionBlock(bench, second),
      'first wins': recordsBlock(bench, first, firstWins.slice(0, third)),
      'second wins': recordsBlock(bench, second, secondWins.slice(0, third)),
    });
    const why = 'Merged from two prompts that are good at different rows.';
    const child = yield* this.#written(round, { messages, operator: 'merge', parents: [first.id, second.id], why });
    if (child === 'exhausted') return 'exhausted';
    if (!child) return { proposed: 0, note: 'The generator wrote no usable merge.' };
    if (!(yield* bench.evaluate([child], judges))) return 'exhausted';
    const passed = [first, second].every(({ id }) => (bench.book.difference(child.id, id, judges)?.value ?? -1) >= 0);
    const reason = `${passed ? 'No worse' : 'Worse'} than the better of its two parents on ${judges.length} rows where they differ or tie.`;
    return yield* this.#settle(round, child, { passed, reason });
  }

  *#written(round: number, draft: Draft): Procedure<Candidate | undefined | 'exhausted'> {
    const made = yield* this.#bench.propose(round, [draft], { again: true });
    return made === 'exhausted' ? 'exhausted' : made[0];
  }

  /** What passed is tried on all rows and joins the pool. */
  *#settle(
    round: number,
    child: Candidate,
    { passed, reason }: { readonly passed: boolean; readonly reason: string },
  ): Procedure<RoundResult> {
    const bench = this.#bench;
    yield* bench.announce({ type: 'proposal-judged', round, candidate: child.id, accepted: passed, reason });
    if (!passed) return { proposed: 1, note: 'The new prompt was not worth a pass over all rows.' };
    if (!(yield* bench.evaluate([child], this.#rows))) return 'exhausted';
    this.#mergeIsDue = this.#merged.size < this.#values.merges;
    const leaders = [...this.#leaders()].sort((a, b) => b.fronts - a.fronts).map(({ candidate }) => candidate);
    const best = bench.fullyAsked()[0]?.id;
    const residents = [...new Set([...(best === undefined ? [] : [best]), ...leaders])];
    yield* bench.announce({ type: 'archive-changed', round, residents });
    const isBest = best === child.id;
    const leads = leaders.includes(child.id);
    return {
      proposed: 1,
      note: isBest
        ? 'A new best prompt.'
        : leads
          ? 'Kept: best on some rows.'
          : 'Asked about all rows, it is the best on none: it will not be built on.',
    };
  }

  /** Two leaders that were not merged yet, drawn by the rows that they lead. */
  #pair(leaders: readonly Leader[], random: Random): readonly [Candidate, Candidate] | undefined {
    const pairs = leaders.flatMap((a, index) =>
      leaders.slice(index + 1).flatMap((b) => {
        const name = [a.candidate, b.candidate].sort().join();
        return this.#merged.has(name) ? [] : [{ a, b, name }];
      }),
    );
    if (pairs.length === 0) return undefined;
    const { a, b, name } = pickWeighted(pairs, (pair) => pair.a.fronts * pair.b.fronts, random);
    this.#merged.add(name);
    return [this.#candidate(a.candidate), this.#candidate(b.candidate)];
  }

  #candidate(id: CandidateId): Candidate {
    const { seeds } = this.#bench.context;
    const found = [...this.#bench.candidates(), ...seeds].find((candidate) => candidate.id === id);
    if (!found) throw new Error('Bug: a leader that is no candidate');
    return found;
  }
}

/** Graded scores this close are a tie. */
const tied = (gain: number): number => (Math.abs(gain) < 0.05 ? 0 : gain);
