import type { Fields, Values } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import critiquePrompt from './meta-prompts/textgrad-critique.txt?raw';
import rewritePrompt from './meta-prompts/textgrad-rewrite.txt?raw';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { Batches } from './parts/batches.ts';
import { saidIn } from './parts/check-proposal.ts';
import { gateCells, passesGate } from './parts/child-gate.ts';
import { commonFields } from './parts/common-fields.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { instructionBlock, recordsBlock, wrongRows } from './parts/records.ts';
import { roundsField } from './parts/rounds.ts';
import { Workbench } from './parts/workbench.ts';

const fields = {
  batch: {
    type: 'number',
    label: 'Rows a step',
    help: 'The generator criticizes the answer to each, then rewrites the prompt once.',
    min: 1,
    max: 10,
    step: 1,
    default: 3,
  },
  accept: {
    type: 'choice',
    label: 'When a rewriting is kept',
    choices: [
      { value: 'gate', label: 'No worse on its own rows, on others, then on all' },
      { value: 'validation', label: 'No worse on all rows (the paper, with validation)' },
      { value: 'always', label: 'Always (the paper, without validation)' },
    ],
    default: 'gate',
    advanced: true,
  },
  mistakesFirst: {
    type: 'flag',
    label: 'Criticize wrong answers only',
    help: 'The paper draws rows blindly and criticizes right answers too.',
    default: true,
    advanced: true,
  },
  memory: {
    type: 'number',
    label: 'Earlier feedback shown',
    help: 'So many critiques of earlier steps, drawn at random. 0: only those of this step, as the paper does without momentum.',
    min: 0,
    max: 10,
    step: 1,
    default: 2,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
} as const satisfies Fields;
type Options = Values<typeof fields>;

/**
 * TextGrad: the answer to each of a few rows is criticized in words, the critiques are handed back to the instruction, and it is
 * rewritten once. Repaired: it begins with the best starting prompt, a reply without a prompt keeps the old one, a rewriting has to pass
 * a gate, and momentum draws from earlier feedback instead of growing the context. Loss and gradient are one critique here.
 */
export const textgrad = defineOptimizer({
  id: 'textgrad',
  version: 8,
  label: 'TextGrad (2024)',
  description:
    'Criticizes single answers and rewrites the prompt step by step. Choose it with few rows and a strong generator model: it writes much and asks little.',
  fields,
  plan(values, sizes, calls) {
    const cells = cellsOf(values, sizes.train);
    const words = `${values.batch} critiques, one rewriting and its ${cells} answers`;
    const short = {
      cells: values.accept === 'gate' ? Math.min(values.batch, sizes.train) : cells,
      texts: values.batch + 1,
    };
    return planAllRows(values, sizes, calls, { cells, texts: values.batch + 2, prompts: 1, short, words });
  },
  *run(context, values) {
    const bench = new Workbench(context, values);
    const search = new Descent(bench, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: values.batch + 2 + cellsOf(values, context.train.length),
      // without a validation the last prompt is the result, good or bad
      ...(values.accept === 'always' ? { order: () => [search.current] } : {}),
      heard: (candidates) => search.hear(candidates),
      round: (round) => search.round(round),
    });
  },
});

/** The most cells of a step. What is always kept is asked about the rows of its own step and of the next one. */
const cellsOf = ({ accept, batch }: Options, train: number): number =>
  accept === 'always' ? Math.min(train, 2 * batch) : Math.max(train, gateCells(batch, train, 'rungs'));

class Descent {
  readonly #bench: Workbench;
  readonly #values: Options;
  readonly #rows: readonly ExampleId[];
  readonly #batches: Batches;
  readonly #feedback: string[] = [];
  #current: Candidate | undefined;

  constructor(bench: Workbench, values: Options) {
    this.#bench = bench;
    this.#values = values;
    this.#rows = bench.context.train.map(({ id }) => id);
    this.#batches = new Batches(this.#rows, bench.context.random.fork('batches'));
  }

  get current(): Candidate {
    return this.#current ?? this.#bench.bestSeed();
  }

  /** The search goes on from a prompt of the person where that is the best of all. */
  hear(candidates: readonly Candidate[]): void {
    const best = this.#bench.fullyAsked()[0];
    if (best && candidates.includes(best)) this.#current = best;
  }

  *round(round: number): Procedure<RoundResult> {
    const bench = this.#bench;
    const random = bench.context.random.fork(`round ${round}`);
    const { current } = this;
    const { batch: size, mistakesFirst } = this.#values;
    const batch = mistakesFirst ? this.#batches.nextWithErrors(bench, current, size) : this.#batches.next(size);
    yield* bench.announce({ type: 'round-started', round, good: [current.id], bad: [], examples: batch });
    if (!(yield* bench.evaluate([current], batch))) return 'exhausted';
    const wrong = wrongRows(bench, current).filter((row) => batch.includes(row));
    const feedback = yield* this.#criticize(round, current, mistakesFirst && wrong.length > 0 ? wrong : batch);
    if (feedback === 'exhausted') return 'exhausted';
    if (feedback.length === 0) {
      const lacked =
        this.#answered(current, batch).length === 0
          ? 'There was no answer to criticize'
          : 'The generator gave no feedback';
      return { proposed: 0, note: `${lacked}.`, lacked };
    }
    const messages = asked(rewritePrompt, {
      ...frameOf(bench),
      instruction: instructionBlock(bench, current),
      records: recordsBlock(bench, current, batch),
      feedback: feedback.map((text) => `- ${text}`).join('\n'),
      'earlier feedback': this.#earlier(random.fork('memory')),
    });
    this.#feedback.push(...feedback);
    const why = `Rewritten by ${feedback.length} critiques of single answers.`;
    const made = yield* bench.propose(round, [{ messages, operator: 'rewrite', parents: [current.id], why }], {
      again: true,
    });
    if (made === 'exhausted') return 'exhausted';
    const [child] = made;
    if (!child) return { proposed: 0, note: 'The generator wrote no usable prompt: the old one stays.' };
    const verdict = yield* this.#judge(child, current, batch, random.fork('gate'));
    if (verdict === 'exhausted') return 'exhausted';
    const { passed: accepted, reason } = verdict;
    yield* bench.announce({ type: 'proposal-judged', round, candidate: child.id, accepted, reason });
    if (accepted) this.#current = child;
    return { proposed: 1, note: accepted ? 'The search goes on from the new prompt.' : 'The old prompt stays.' };
  }

  /** What is wrong with the instruction, row by row, in the generator's words. */
  *#criticize(
    round: number,
    current: Candidate,
    rows: readonly ExampleId[],
  ): Procedure<readonly string[] | 'exhausted'> {
    const told = yield* this.#bench.write(
      round,
      this.#answered(current, rows).map((row) =>
        asked(critiquePrompt, {
          ...frameOf(this.#bench),
          instruction: instructionOf(current),
          record: recordsBlock(this.#bench, current, [row]),
        }),
      ),
    );
    if (told === 'exhausted') return 'exhausted';
    return told.map(saidIn).filter((text) => text !== '');
  }

  /** Of a row that failed, or that the prompt shows, there is no answer to criticize. */
  #answered({ id }: Candidate, rows: readonly ExampleId[]): readonly ExampleId[] {
    return rows.filter((row) => this.#bench.book.result(id, row)?.type === 'answered');
  }

  #earlier(random: Random): string {
    const drawn = random.sample(this.#feedback, this.#values.memory);
    return drawn.length === 0 ? '' : ['Feedback on earlier versions:', ...drawn.map((text) => `- ${text}`)].join('\n');
  }

  *#judge(
    child: Candidate,
    parent: Candidate,
    batch: readonly ExampleId[],
    random: Random,
  ): Procedure<{ readonly passed: boolean; readonly reason: string } | 'exhausted'> {
    const bench = this.#bench;
    const { accept } = this.#values;
    if (accept === 'always') {
      if (!(yield* bench.evaluate([child], batch))) return 'exhausted';
      return { passed: true, reason: 'Every rewriting is kept.' };
    }
    if (accept === 'gate') {
      const verdict = yield* passesGate(bench, { child, parent, batch, gate: 'rungs', random });
      if (verdict === 'exhausted' || !verdict.passed) return verdict;
    }
    if (!(yield* bench.evaluate([child], this.#rows))) return 'exhausted';
    const { book } = bench;
    const gain =
      accept === 'gate' ? book.difference(child.id, parent.id) : book.accuracyDifference(child.id, parent.id);
    const passed = (gain?.value ?? -1) >= 0;
    return { passed, reason: `${passed ? 'No worse' : 'Worse'} than the old prompt on all ${this.#rows.length} rows.` };
  }
}
