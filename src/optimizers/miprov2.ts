import type { Demonstration } from '#core/demonstrations.ts';
import type { ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { renderQuery, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { counted } from '#lib/counted.ts';
import instructionPrompt from './meta-prompts/miprov2-instruction.txt?raw';
import notesPrompt from './meta-prompts/miprov2-notes.txt?raw';
import { fields, type MiproOptions } from './miprov2/fields.ts';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { noAnswer, saidIn } from './parts/check-proposal.ts';
import { drawFilled, labelledRows, ownAnswers, withOthers } from './parts/demonstrations.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { instructionBlock } from './parts/records.ts';
import { suggest, type Observation } from './parts/tpe.ts';
import { Workbench } from './parts/workbench.ts';

/** Rows of one look at the data, and characters that are shown of each. */
const rowsOfALook = 10;
const shownInput = 300;
/** One an instruction, in turn. */
const tips = [
  '- Be creative.',
  '- Keep it short and simple.',
  '- Describe the task in detail, with what to look for.',
  '- Say how much depends on a right answer.',
  '- Give the model a fitting role.',
  '',
];

/**
 * MIPROv2: instructions and sets of demonstrations are made once; then combinations of them are searched by a Parzen estimator on small
 * batches, and the most promising of each round is tried on all rows. Repaired: the trials of a round share their rows and are
 * compared in pairs, a score counts by the rows behind it, failed rows are missing rather than wrong, and no combination is asked twice in a round.
 */
export const miprov2 = defineOptimizer({
  id: 'miprov2',
  version: 9,
  label: 'MIPROv2 (2024)',
  description:
    'Combines instructions written from the data with sets of worked examples and learns which go together. Choose it when worked examples may help and the budget holds some ten rounds.',
  fields,
  plan(values, sizes, calls) {
    const batch = Math.min(values.minibatch, sizes.train);
    const textsBefore = values.looks + values.instructions;
    return planAllRows(values, sizes, calls, {
      cells: values.trials * batch + sizes.train,
      // a hint of a person brings one more instruction
      texts: 1,
      textsBefore,
      // combinations that are tried anew, as long as there are any
      prompts: values.trials,
      mostPrompts: (1 + values.instructions) * (1 + values.demoSets) - 1,
      words: `${textsBefore} texts of the generator, ${values.trials} trials × ${batch} rows and one on all rows`,
    });
  },
  *run(context, values) {
    const bench = new Workbench(context, values);
    const search = new Mipro(bench, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: values.trials * Math.min(values.minibatch, context.train.length) + context.train.length,
      heard: (candidates) => search.addInstructions(candidates),
      round: (round) => search.round(round),
    });
  },
});

class Mipro {
  readonly #bench: Workbench;
  readonly #values: MiproOptions;
  readonly #random: Random;
  readonly #rows: readonly ExampleId[];
  /** The two categories. The first instruction is the best starting prompt, the first set is empty. */
  readonly #instructions: Candidate[] = [];
  readonly #sets: (readonly Demonstration[])[] = [[]];
  readonly #arms = new Map<string, { readonly candidate: Candidate; readonly values: readonly number[] }>();
  /** Combinations whose text is that of another one but for case and punctuation: there is nothing to try. */
  readonly #twins = new Set<string>();
  #notes = '';
  #written = 0;
  #hints = 0;

  constructor(bench: Workbench, values: MiproOptions) {
    this.#bench = bench;
    this.#values = values;
    this.#random = bench.context.random;
    this.#rows = bench.context.train.map(({ id }) => id);
  }

  addInstructions(candidates: readonly Candidate[]): void {
    this.#instructions.push(...candidates);
  }

  *round(round: number): Procedure<RoundResult> {
    const bench = this.#bench;
    if (round === 1) {
      this.#instructions.unshift(bench.bestSeed());
      this.#arms.set('0,0', { candidate: bench.bestSeed(), values: [0, 0] });
      this.#drawSets();
      if (!(yield* this.#takeNotes(round))) return 'exhausted';
    }
    const hinted = bench.hints.length > this.#hints;
    this.#hints = bench.hints.length;
    const wanted = round === 1 ? this.#values.instructions : hinted ? 1 : 0;
    if (wanted > 0 && !(yield* this.#writeInstructions(round, wanted))) return 'exhausted';
    const original = this.#original();
    const before = bench.fullyAsked()[0] ?? original;
    const batch = this.#random.fork(`batch ${round}`).sample(this.#rows, this.#values.minibatch);
    const known = this.#instructions.map(({ id }) => id);
    yield* bench.announce({ type: 'round-started', round, good: known, bad: [], examples: batch });
    const tried = new Set<string>();
    for (let trial = 1; trial <= this.#values.trials; trial++) {
      const arm = yield* this.#nextArm(round, trial, tried);
      if (!arm) break;
      tried.add(arm.values.join());
      const own = this.#random.fork(`rows ${round} ${trial}`).sample(this.#rows, this.#values.minibatch);
      if (!(yield* bench.evaluate([arm.candidate], this.#values.shared ? batch : own))) return 'exhausted';
    }
    const [promising] = this.#observed().filter(({ candidate }) => !this.#isWhole(candidate));
    if (!promising && tried.size === 0)
      return {
        proposed: 1,
        note: 'Nothing was left to try.',
        done:
          this.#written > 0
            ? 'Every combination of instruction and examples was tried on all rows.'
            : 'The generator wrote no usable instruction, and every set of examples was tried.',
      };
    // where the rows are few, each trial has asked about all of them
    if (promising && !(yield* this.#askFully(round, promising.candidate))) return 'exhausted';
    const best = bench.fullyAsked()[0] ?? before;
    const residents = [...new Set([best.id, ...this.#observed().map((arm) => arm.candidate.id)])];
    yield* bench.announce({ type: 'archive-changed', round, residents: residents.slice(0, 10) });
    const isNew = best.id !== before.id;
    return { proposed: 1, note: isNew ? 'A new best prompt.' : 'No combination was better than the best so far.' };
  }

  *#askFully(round: number, candidate: Candidate): Procedure<boolean> {
    const bench = this.#bench;
    if (!(yield* bench.evaluate([candidate], this.#rows))) return false;
    const accepted = bench.fullyAsked()[0]?.id === candidate.id;
    const reason = accepted
      ? 'The most promising of the combinations was the best on all rows as well.'
      : 'The most promising of the combinations was not the best on all rows.';
    yield* bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted, reason });
    return true;
  }

  #original(): Candidate {
    return this.#instructions[0] ?? this.#bench.bestSeed();
  }

  /** Labelled rows alone, then own right answers in random numbers. */
  #drawSets(): void {
    const own = ownAnswers(this.#bench, [this.#original(), ...this.#bench.context.seeds]);
    const labelled = labelledRows(this.#bench);
    const most = Math.min(this.#values.mostDemonstrations, this.#rows.length - 1);
    for (let set = 1; set <= this.#values.demoSets && most > 0; set++) {
      const draw = this.#random.fork(`set ${set}`);
      const count = set === 1 ? most : 1 + draw.integer(most);
      const shown = drawFilled(set === 1 ? [] : own, labelled, count, draw, { spread: true, fill: true });
      if (shown.length > 0) this.#sets.push(shown);
    }
  }

  /** The generator notes what it sees in the data; it stops by itself when there is nothing to add. */
  *#takeNotes(round: number): Procedure<boolean> {
    const order = this.#random.fork('looks').shuffle(this.#rows);
    for (let look = 0; look < this.#values.looks; look++) {
      const rows = order.slice(look * rowsOfALook, (look + 1) * rowsOfALook);
      if (rows.length === 0) break;
      const labelled = rows.map((id) => {
        const example = this.#bench.example(id);
        return { example, answer: example.targets[0] ?? '' };
      });
      const told = yield* this.#bench.write(round, [
        asked(notesPrompt, { rows: this.#shown(labelled), notes: this.#notes || '(none yet)' }),
      ]);
      if (told === 'exhausted') return false;
      const [note] = told;
      if (!note || noAnswer(note) || /\bCOMPLETE\b/.test(saidIn(note))) break;
      this.#notes = `${this.#notes}\n${saidIn(note)}`.trim();
    }
    return true;
  }

  *#writeInstructions(round: number, count: number): Procedure<boolean> {
    const original = this.#original();
    const start = this.#random.fork(`tips ${round}`).integer(tips.length);
    const drafts = Array.from({ length: count }, (_, index) => {
      const set = this.#sets[(index + 1) % this.#sets.length] ?? [];
      const messages = asked(instructionPrompt, {
        ...frameOf(this.#bench),
        notes: this.#notes || '(nothing)',
        instruction: instructionBlock(this.#bench, original),
        examples: this.#shown(set.slice(0, 3)) || '(none)',
        tip: tips[(start + index) % tips.length] ?? '',
      });
      const why = 'Written from notes on the data, the best starting prompt and a tip.';
      // the sets of examples are searched on their own
      return { messages, operator: 'instruction', parents: [original.id], demonstrations: [], why };
    });
    const made = yield* this.#bench.propose(round, drafts);
    if (made === 'exhausted') return false;
    this.#written += made.length;
    this.#instructions.push(...made);
    return true;
  }

  #shown(demonstrations: readonly Demonstration[]): string {
    const { template } = this.#bench.context.task;
    return demonstrations
      .map(
        ({ example, answer }) =>
          `Input: ${renderQuery(template, example).slice(0, shownInput)}\nRight answer: ${answer}`,
      )
      .join('\n\n');
  }

  /** The next combination to try: one that is not known on all rows, and was not tried in this round. */
  *#nextArm(round: number, trial: number, tried: ReadonlySet<string>): Procedure<Arm | undefined> {
    const sizes = [this.#instructions.length, this.#sets.length];
    const isOpen = (values: readonly number[]): boolean => {
      const arm = this.#arms.get(values.join());
      const known = arm?.candidate ?? this.#compose(round, values);
      return !tried.has(values.join()) && !this.#isWhole(known);
    };
    const random = this.#random.fork(`trial ${round} ${trial}`);
    for (;;) {
      const allowed = (values: readonly number[]): boolean => isOpen(values) && !this.#twins.has(values.join());
      const values = suggest(this.#observed(), sizes, random, { allowed });
      if (!values) return undefined;
      const found = this.#arms.get(values.join());
      if (found) return found;
      const candidate = this.#compose(round, values);
      if (!candidate.demos || (yield* this.#bench.introduce(round, candidate))) {
        const arm = { candidate, values };
        this.#arms.set(values.join(), arm);
        return arm;
      }
      this.#twins.add(values.join());
    }
  }

  #compose(round: number, [instruction = 0, set = 0]: readonly number[]): Candidate {
    const parent = this.#instructions[instruction] ?? this.#original();
    const shown = this.#sets[set] ?? [];
    if (shown.length === 0) return parent;
    const why = `Instruction ${instruction + 1} of ${this.#instructions.length} with set ${set} of ${this.#sets.length - 1} (${counted(shown.length, 'worked example')}).`;
    return withOthers(this.#bench, parent, shown, {
      round,
      operator: 'combination',
      why,
    });
  }

  #isWhole({ id }: Candidate): boolean {
    return this.#bench.isFullyAsked(id);
  }

  /** What was tried, best first. */
  #observed(): readonly (Arm & Observation)[] {
    const { book } = this.#bench;
    const reference = this.#original().id;
    return [...this.#arms.values()]
      .map((arm) => {
        const own = book.mean(arm.candidate.id);
        const score = this.#values.shared ? book.estimate(arm.candidate.id, reference) : (own?.value ?? 0);
        return { ...arm, score, weight: own?.n ?? 0 };
      })
      .sort((a, b) => b.score - a.score);
  }
}

type Arm = { readonly candidate: Candidate; readonly values: readonly number[] };
