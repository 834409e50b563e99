import type { Example } from '#core/example.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import {
  perform,
  type GeneratedText,
  type OptimizerContext,
  type Procedure,
  type SearchFact,
  type SearchOutcome,
} from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { affordableRows } from './confirmation.ts';
import { chooseWinner, firstQuestions, type ChoiceOptions } from './final-choice.ts';
import { Generator } from './generator.ts';
import { longestPrompt } from './longest-prompt.ts';
import { isMisread } from './probability-check.ts';
import type { Draft } from './proposals.ts';
import type { Scored } from './ranking.ts';
import { ScoreBook, type Mean } from './score-book.ts';
import { Writing } from './writing.ts';

export type WorkbenchOptions = ChoiceOptions & {
  /** Longest instruction, in characters; longer starting prompts raise it. */
  readonly maxPromptLength: number;
  readonly temperature: number;
  /** Weight of the right answer's probability in the grade. */
  readonly weight?: number;
  /** Whether the probabilities of a prompt that lets the model think aloud are found out, and set aside. */
  readonly checksProbabilities?: boolean;
};

/**
 * What all optimizers do in the same way: hear the person, evaluate and remember, have prompts written and checked, choose a winner on
 * rows that the generator never saw, and count what they ask for. Which prompts to build on and which to keep is left to each.
 */
export class Workbench {
  readonly context: OptimizerContext;
  readonly book: ScoreBook;
  readonly #writing: Writing;
  readonly #hints: string[] = [];
  readonly #options: WorkbenchOptions;
  readonly maxPromptLength: number;
  readonly #generator: Generator;
  /** The validation rows in an order of chance, so that any first part of them is a fair sample. */
  readonly validation: readonly ExampleId[];
  readonly #examples: ReadonlyMap<ExampleId, Example>;
  readonly #askedRows = new Map<CandidateId, ReadonlySet<ExampleId>>();
  #calls: number;
  #asked = 0;
  #isStopped = false;
  #isCutShort = false;
  /** As it was after the last answers: most rounds ask for it several times. */
  #ranking: readonly Scored[] | undefined;

  constructor(context: OptimizerContext, options: WorkbenchOptions) {
    this.context = context;
    this.#options = options;
    this.#calls = context.calls;
    this.book = new ScoreBook(options.weight);
    this.maxPromptLength = longestPrompt(context, options.maxPromptLength);
    this.validation = context.random.fork('validation').shuffle(context.validation.map(({ id }) => id));
    this.#generator = new Generator(context.random.fork('generator seeds'), options.temperature, {
      keep: () => this.reserve,
      asked: (texts) => (this.#asked += texts),
      refused: (texts) => this.#noteRefused(texts),
    });
    this.#writing = new Writing(context, this.maxPromptLength, this.#generator);
    this.#examples = new Map(context.train.map((example) => [example.id, example]));
  }

  /** What the person wants the generator to know, so far. */
  get hints(): readonly string[] {
    return this.#hints;
  }

  /** Fields that every prompt has to name, because the starting prompts do. */
  get placeholders(): readonly string[] {
    return this.#writing.placeholders;
  }

  /**
   * Validation rows that the choice of the winner is made on: all of them where the budget allows, else as many as 15 % of the calls
   * hold, and ten at the least.
   */
  get finalRows(): readonly ExampleId[] {
    const { finalists } = this.#options;
    return finalists === 0
      ? []
      : this.validation.slice(0, affordableRows(this.#calls, finalists + this.#baselines - 1));
  }

  /** Cells that the choice of the winner takes. */
  get reserve(): number {
    return (this.#options.finalists + this.#baselines) * this.finalRows.length;
  }

  get #baselines(): number {
    return Math.min(this.#options.baselines ?? 1, this.context.seeds.length);
  }

  /** Calls that the search may still ask for before it has to choose. Never negative. */
  get callsLeft(): number {
    return Math.max(0, this.#calls - this.#asked - this.reserve);
  }

  /** A person has ended the search: who wants to stop does not want to spend what is left. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Something was refused though calls for it were left: a limit of another kind has ended the search. */
  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  /** Calls that the search may ask for in all, and those that it asked for. */
  get calls(): { readonly all: number; readonly asked: number } {
    return { all: this.#calls, asked: this.#asked };
  }

  /**
   * Begins a round: hears what the person said. Their prompts come back to be tried like proposals; they are not checked, since a person
   * knows what they do. `stop`: the round must not begin.
   */
  *listen(round: number): Procedure<{
    readonly candidates: readonly Candidate[];
    readonly stop?: { readonly reason: string; readonly ended: SearchOutcome['ended'] };
  }> {
    const { candidates, hints, calls, stop } = yield* perform('listen', { round });
    this.#hints.push(...hints);
    this.#calls = calls;
    this.#isStopped = stop !== undefined;
    return { candidates: this.#writing.hear(candidates), ...(stop ? { stop } : {}) };
  }

  /**
   * Evaluates candidates on train rows and writes the results into the book. False: the budget does not hold all that is missing, and
   * nothing of it was asked.
   */
  *evaluate(
    candidates: readonly Candidate[],
    examples: readonly ExampleId[],
    { reserved = false }: { readonly reserved?: boolean } = {},
  ): Procedure<boolean> {
    if (candidates.length === 0 || examples.length === 0) return true;
    const open = this.book.openCells(candidates, examples);
    const { status, result } = yield* perform('evaluate', {
      ...{ candidates, examples, split: 'train', keep: this.reserve },
      ...(reserved ? { reserved } : {}),
    });
    // nothing was asked; what a driver knows beyond that may be more when a run is replayed than it was
    if (status === 'exhausted') {
      this.#noteRefused(open);
      return false;
    }
    this.book.record(candidates, examples, result);
    if (this.#options.checksProbabilities) this.#checkProbabilities(candidates);
    this.#ranking = undefined;
    this.#asked += open;
    for (const { id } of candidates)
      this.#askedRows.set(id, new Set([...(this.#askedRows.get(id) ?? []), ...examples]));
    return true;
  }

  #noteRefused(calls: number): void {
    if (calls + firstQuestions <= this.callsLeft) this.#isCutShort = true;
  }

  /**
   * A prompt that lets the model think aloud has its probabilities at the wrong place: they would speak against it however often it is
   * right. From then on only right or wrong counts for it.
   */
  #checkProbabilities(candidates: readonly Candidate[]): void {
    if (this.book.weight === 0) return;
    for (const { id } of candidates.filter((candidate) => !this.book.isMisread(candidate.id)))
      if (isMisread(this.book.resultsOf(id), this.context.task.answer, (example) => this.example(example)))
        this.book.setProbabilitiesAside(id);
  }

  /** Has texts written that are no prompts: critiques, notes. `exhausted`: the budget does not hold them. */
  write(
    round: number,
    requests: readonly Draft['messages'][],
    maxTokens?: number,
  ): Procedure<readonly GeneratedText[] | 'exhausted'> {
    return this.#generator.notes(round, requests, maxTokens);
  }

  /**
   * Has prompts written, checks them, and announces what became of each. What was unusable for a reason that can be told is asked for
   * once more where `again` is set; what had too few tokens to begin, the first time that this happens. At most one candidate comes back
   * for each draft, in their order; `exhausted`: the budget does not hold the drafts.
   */
  *propose(
    round: number,
    drafts: readonly Draft[],
    options: { readonly again?: boolean } = {},
  ): Procedure<readonly Candidate[] | 'exhausted'> {
    const made = yield* this.proposeEach(round, drafts, options);
    return made === 'exhausted' ? made : made.filter((candidate) => candidate !== undefined);
  }

  /** The same, with what came of each draft in its place; undefined where nothing did. */
  *proposeEach(
    round: number,
    drafts: readonly Draft[],
    { again = false }: { readonly again?: boolean } = {},
  ): Procedure<readonly (Candidate | undefined)[] | 'exhausted'> {
    return yield* this.#writing.each(round, drafts, { again });
  }

  /** Whether this prompt, or one that differs in case and punctuation only, was in the run before. */
  isKnown(prompt: string): boolean {
    return this.#writing.isKnown(prompt);
  }

  /** Takes a candidate that no generator wrote (other demonstrations, a merge) into the run; undefined where it was there before. */
  *introduce(round: number, candidate: Candidate): Procedure<Candidate | undefined> {
    return yield* this.#writing.introduce(round, candidate);
  }

  *announce(fact: SearchFact): Procedure<void> {
    yield* perform('announce', { fact });
  }

  /**
   * Ends the search. The first of `order` (best first; without it the book's ranking) and the best starting prompts meet on validation
   * rows, and the best there wins: chosen on rows that the generator never saw.
   * @param prior by how much the train rows put a candidate above the first of the order, and on how many rows that rests; without it the
   * validation rows decide alone.
   */
  *choose(
    ended: SearchOutcome['ended'],
    reason: string,
    order: readonly Candidate[] = this.ranking().map(({ candidate }) => candidate),
    prior?: (candidate: Candidate) => Mean,
  ): Procedure<SearchOutcome> {
    return yield* chooseWinner(this, { ...this.#options, baselines: this.#baselines }, { ended, reason, order, prior });
  }

  /** Every candidate with a result, best first by accuracy on its own rows: only for optimizers that evaluate all on the same ones. */
  ranking(): readonly Scored[] {
    this.#ranking ??= this.book.ranked(this.candidates());
    return this.#ranking;
  }

  /** Every candidate of the run that was evaluated, in the order of appearance. */
  candidates(): readonly Candidate[] {
    return this.#writing.all.filter(({ id }) => this.book.resultsOf(id).size > 0);
  }

  /** Those of them that were asked about every train row, best first. */
  fullyAsked(): readonly Candidate[] {
    return this.book.paired(
      this.ranking()
        .map(({ candidate }) => candidate)
        .filter(({ id }) => this.isFullyAsked(id)),
    );
  }

  isFullyAsked(candidate: CandidateId): boolean {
    return this.#askedRows.get(candidate)?.size === this.context.train.length;
  }

  /** The best starting prompt, among those with the most rows. */
  bestSeed(): Candidate {
    const best = this.book.best(this.context.seeds);
    if (!best) throw new Error('Bug: a search without a starting prompt');
    return best;
  }

  /** The train rows by id. */
  example(id: ExampleId): Example {
    const found = this.#examples.get(id);
    if (!found) throw new Error(`Bug: ${id} is no train row`);
    return found;
  }
}
