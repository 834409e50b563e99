import { candidateWith, withDemonstrations, type Demonstration } from '#core/demonstrations.ts';
import type { Message } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import {
  perform,
  type GeneratedText,
  type GenerateJob,
  type OptimizerContext,
  type Procedure,
  type Rejection,
  type SearchFact,
  type SearchOutcome,
} from '#core/optimizer.ts';
import { fieldsOf, instructionOf, type Candidate } from '#core/prompt.ts';
import { canonical, checkProposal, noAnswer, talkIn } from './check-proposal.ts';
import { Novelty } from './novelty.ts';
import { ranked, type Scored } from './ranking.ts';
import { readProposal } from './read-proposal.ts';
import { gradeWeight, ScoreBook, type Mean } from './score-book.ts';

/** A prompt to be written: what the generator is told, and what becomes of its answer. */
export type Draft = {
  readonly messages: readonly Message[];
  readonly operator: string;
  readonly parents: readonly CandidateId[];
  /** Demonstrations that the new instruction is composed with. */
  readonly demonstrations?: readonly Demonstration[];
  /** What was asked for, for the person. */
  readonly why?: string;
  readonly temperature?: number;
  /** The instruction that is made of what was written, where that is only a piece of it. */
  readonly compose?: (written: string) => string;
};

export type WorkbenchOptions = {
  /** Longest instruction, in characters. */
  readonly maxPromptLength: number;
  readonly temperature: number;
  /** Prompts that meet on the validation rows at the end, besides the best starting prompt; 0: the winner is chosen on the train rows. */
  readonly finalists: number;
  /** Weight of the right answer's probability in the grade. */
  readonly weight?: number;
};

/** Share of all calls that goes into the choice of the winner, and the fewest rows that it is made on. */
const finalShare = 0.15;
const leastFinalRows = 10;

/** Tokens of an answer of the generator that holds one prompt. */
const proposalTokens = 500;

/** What went wrong with an answer that is worth asking for once more, with the reason. */
const worthAnother: ReadonlySet<Rejection> = new Set([
  'empty',
  'cut-off',
  'talk',
  'placeholders',
  'too-long',
  'copied-example',
]);

/**
 * What all optimizers do in the same way: hear the person, evaluate and remember, have prompts written and checked, choose a winner on
 * rows that the generator never saw, and count what they ask for. Which prompts to build on and which to keep is left to each.
 */
export class Workbench {
  readonly context: OptimizerContext;
  readonly book: ScoreBook;
  /** Every prompt that may be tried again by nobody, by its canonical form. */
  readonly #known: Set<string>;
  readonly #novelty = new Novelty();
  readonly #hints: string[] = [];
  readonly #options: WorkbenchOptions;
  readonly #placeholders: readonly string[];
  readonly #seeds: OptimizerContext['random'];
  /** In an order of chance: any first part of them is a fair sample. */
  readonly #validation: readonly ExampleId[];
  readonly #askedRows = new Map<CandidateId, ReadonlySet<ExampleId>>();
  #calls: number;
  #asked = 0;
  #heard: readonly Candidate[] = [];

  constructor(context: OptimizerContext, options: WorkbenchOptions) {
    this.context = context;
    this.#options = options;
    this.#calls = context.calls;
    this.book = new ScoreBook(options.weight ?? gradeWeight);
    this.#known = new Set(context.seeds.map(({ prompt }) => canonical(prompt)));
    for (const { prompt } of context.seeds) this.#novelty.add(prompt);
    this.#placeholders = [...new Set(context.seeds.flatMap(({ prompt }) => fieldsOf(prompt)))];
    this.#validation = context.random.fork('validation').shuffle(context.validation.map(({ id }) => id));
    this.#seeds = context.random.fork('generator seeds');
  }

  /** What the person wants the generator to know, so far. */
  get hints(): readonly string[] {
    return this.#hints;
  }

  /** Fields that every prompt has to name, because the starting prompts do. */
  get placeholders(): readonly string[] {
    return this.#placeholders;
  }

  get maxPromptLength(): number {
    return this.#options.maxPromptLength;
  }

  /**
   * Validation rows that the choice of the winner is made on: all of them where the budget allows, else as many as 15 % of the calls
   * hold, and ten at the least.
   */
  get finalRows(): readonly ExampleId[] {
    const { finalists } = this.#options;
    if (finalists === 0) return [];
    const affordable = Math.max(leastFinalRows, Math.round((finalShare * this.#calls) / (finalists + 1)));
    return this.#validation.slice(0, affordable);
  }

  /** Cells that the choice of the winner takes. */
  get reserve(): number {
    return (this.#options.finalists + 1) * this.finalRows.length;
  }

  /** Calls that the search may still ask for before it has to choose. Never negative. */
  get callsLeft(): number {
    return Math.max(0, this.#calls - this.#asked - this.reserve);
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
    const fresh = candidates.filter(({ prompt }) => !this.#known.has(canonical(prompt)));
    for (const candidate of fresh) this.#remember(candidate);
    this.#heard = [...this.#heard, ...fresh];
    return { candidates: fresh, ...(stop ? { stop } : {}) };
  }

  /**
   * Evaluates candidates on train rows and writes the results into the book. False: the budget does not hold all that is missing, and
   * nothing of it was asked.
   */
  *evaluate(candidates: readonly Candidate[], examples: readonly ExampleId[]): Procedure<boolean> {
    if (candidates.length === 0 || examples.length === 0) return true;
    const open = this.#openCells(candidates, examples);
    const { status, result } = yield* perform('evaluate', { candidates, examples, split: 'train', keep: this.reserve });
    this.book.record(candidates, examples, result);
    this.#ranking = undefined;
    if (status === 'exhausted') return false;
    this.#asked += open;
    for (const { id } of candidates)
      this.#askedRows.set(id, new Set([...(this.#askedRows.get(id) ?? []), ...examples]));
    return true;
  }

  /** Has texts written that are no prompts: critiques, summaries. `exhausted`: the budget does not hold them. */
  *write(jobs: readonly Omit<GenerateJob, 'seed'>[]): Procedure<readonly GeneratedText[] | 'exhausted'> {
    const told = yield* perform('generate', {
      jobs: jobs.map((job) => ({ ...job, seed: this.#seeds.integer(2 ** 31) })),
      keep: this.reserve,
    });
    if (told.status === 'exhausted') return 'exhausted';
    this.#asked += jobs.length;
    return told.outputs;
  }

  /**
   * Has prompts written, checks them, and announces what became of each. What was unusable for a reason that can be told is asked for
   * once more where `again` is set. At most one candidate comes back for each draft, in their order; `exhausted`: the budget does not
   * hold the drafts.
   */
  *propose(
    round: number,
    drafts: readonly Draft[],
    { again = false }: { readonly again?: boolean } = {},
  ): Procedure<readonly Candidate[] | 'exhausted'> {
    const outputs = yield* this.write(drafts.map((draft) => this.#job(draft.messages, draft.temperature)));
    if (outputs === 'exhausted') return 'exhausted';
    const made: (Candidate | undefined)[] = [];
    const retries: { readonly index: number; readonly draft: Draft }[] = [];
    for (const [index, draft] of drafts.entries()) {
      const output = outputs[index];
      if (!output) continue;
      const taken = yield* this.#take(round, draft, output);
      if ('id' in taken) made[index] = taken;
      else if (again && worthAnother.has(taken.reason))
        retries.push({ index, draft: { ...draft, messages: [...draft.messages, ...complaint(output, taken.detail)] } });
    }
    if (retries.length > 0) {
      const second = yield* this.write(retries.map(({ draft }) => this.#job(draft.messages, draft.temperature, 2)));
      if (second !== 'exhausted')
        for (const [place, { index, draft }] of retries.entries()) {
          const output = second[place];
          if (!output) continue;
          const taken = yield* this.#take(round, draft, output);
          if ('id' in taken) made[index] = taken;
        }
    }
    return made.filter((candidate) => candidate !== undefined);
  }

  /** Takes a candidate that no generator wrote (other demonstrations, a merge) into the run; undefined where it was there before. */
  *introduce(round: number, candidate: Candidate): Procedure<Candidate | undefined> {
    if (this.#known.has(canonical(candidate.prompt))) return undefined;
    this.#remember(candidate);
    yield* this.announce({ type: 'candidate-proposed', candidate, round });
    return candidate;
  }

  *announce(fact: SearchFact): Procedure<void> {
    yield* perform('announce', { fact });
  }

  /**
   * Ends the search. The first of `order` (best first; without it the book's ranking) and the best starting prompt meet on validation
   * rows, and the best there wins: chosen on rows that the generator never saw.
   * @param prior what the train rows say of a candidate, and on how many rows that rests; without it the validation rows decide alone.
   */
  *choose(
    ended: SearchOutcome['ended'],
    reason: string,
    order: readonly Candidate[] = this.ranking().map(({ candidate }) => candidate),
    prior?: (candidate: Candidate) => Mean,
  ): Procedure<SearchOutcome> {
    const examples = this.finalRows;
    const seed = this.bestSeed();
    const best = order[0] ?? seed;
    if (examples.length === 0) return { best: best.id, baseline: seed.id, reason, ended };
    const finalists = [...new Set([...order.slice(0, this.#options.finalists), seed])];
    const told = yield* perform('evaluate', { candidates: finalists, examples, split: 'validation', keep: 0 });
    if (told.status === 'exhausted') {
      const short = `${reason} The finalists were not compared: the budget was spent before.`;
      return { best: best.id, baseline: seed.id, reason: short, ended };
    }
    this.#asked += finalists.length * examples.length;
    const final = new ScoreBook(this.#options.weight ?? gradeWeight);
    final.record(finalists, examples, told.result);
    const value = (candidate: Candidate): number => blended(final.mean(candidate.id), prior?.(candidate));
    const standings = prior
      ? [...finalists].sort((a, b) => value(b) - value(a) || finalists.indexOf(a) - finalists.indexOf(b))
      : ranked(finalists.map((candidate) => final.scored(candidate))).map(({ candidate }) => candidate);
    // chosen on the same rows as the winner: two starting prompts that swapped places are no progress
    const baseline = standings.find(({ origin }) => origin.type === 'start') ?? seed;
    return { best: standings[0]?.id ?? best.id, baseline: baseline.id, reason, ended };
  }

  /** Every candidate with a result, best first by accuracy on its own rows: only for optimizers that evaluate all on the same ones. */
  ranking(): readonly Scored[] {
    this.#ranking ??= ranked(this.candidates().map((candidate) => this.book.scored(candidate)));
    return this.#ranking;
  }

  /** Every candidate of the run that was evaluated, in the order of appearance. */
  candidates(): readonly Candidate[] {
    return [...this.context.seeds, ...this.#made, ...this.#heard].filter(({ id }) => this.book.resultsOf(id).size > 0);
  }

  /** Those of them that were asked about every train row, best first: what can be compared without a pairing. */
  fullyAsked(): readonly Candidate[] {
    return this.ranking().flatMap(({ candidate }) => (this.isFullyAsked(candidate.id) ? [candidate] : []));
  }

  isFullyAsked(candidate: CandidateId): boolean {
    return this.#askedRows.get(candidate)?.size === this.context.train.length;
  }

  /** The best starting prompt: by grade, among those that were evaluated on as many rows as any. */
  bestSeed(): Candidate {
    const rows = (seed: Candidate): number => this.book.rows(seed.id).length;
    const most = Math.max(...this.context.seeds.map(rows));
    const [best] = ranked(
      this.context.seeds.filter((seed) => rows(seed) === most).map((seed) => this.book.scored(seed)),
    );
    const found = best?.candidate ?? this.context.seeds[0];
    if (!found) throw new Error('Bug: a search without a starting prompt');
    return found;
  }

  /** The train rows by id. */
  example(id: ExampleId): Example {
    const found = this.#examples.get(id);
    if (!found) throw new Error(`Bug: ${id} is no train row`);
    return found;
  }

  /** As it was after the last answers: most rounds ask for it several times. */
  #ranking: readonly Scored[] | undefined;
  readonly #made: Candidate[] = [];
  readonly #byId = new Map<ExampleId, Example>();
  get #examples(): ReadonlyMap<ExampleId, Example> {
    if (this.#byId.size === 0) for (const example of this.context.train) this.#byId.set(example.id, example);
    return this.#byId;
  }

  #openCells(candidates: readonly Candidate[], examples: readonly ExampleId[]): number {
    return candidates.reduce((sum, candidate) => {
      const results = this.book.resultsOf(candidate.id);
      const shown = candidate.demos?.examples ?? [];
      return sum + examples.filter((example) => !results.has(example) && !shown.includes(example)).length;
    }, 0);
  }

  #job(messages: readonly Message[], temperature = this.#options.temperature, times = 1): Omit<GenerateJob, 'seed'> {
    return { messages, maxTokens: proposalTokens * times, temperature };
  }

  *#take(
    round: number,
    draft: Draft,
    output: GeneratedText,
  ): Procedure<Candidate | { readonly reason: Rejection; readonly detail: string }> {
    const { prompt: written, cut } = readProposal(output);
    const compose = canonical(written) === '' ? undefined : draft.compose;
    const prompt = compose ? compose(written) : written;
    const problem = noAnswer(output) ?? (compose && talkIn(written)) ?? this.#problemWith(prompt, cut, draft);
    if (problem) {
      if (problem.reason === 'near-duplicate') this.#novelty.add(prompt);
      yield* this.announce({ type: 'proposal-rejected', round, text: prompt, ...problem });
      return problem;
    }
    const why = draft.why ?? changeIn(output.text);
    const candidate = candidateWith(prompt, draft.demonstrations ?? [], this.context.task.template, {
      type: 'proposal',
      round,
      parents: draft.parents,
      operator: draft.operator,
      ...(why === undefined ? {} : { why }),
    });
    if (candidate.demos && this.#known.has(canonical(candidate.prompt))) {
      const twice = { reason: 'duplicate', detail: 'This prompt was there before, with the same examples.' } as const;
      yield* this.announce({ type: 'proposal-rejected', round, text: prompt, ...twice });
      return twice;
    }
    this.#remember(candidate);
    yield* this.announce({ type: 'candidate-proposed', candidate, round });
    return candidate;
  }

  #problemWith(
    prompt: string,
    cut: boolean,
    draft: Draft,
  ): { readonly reason: Rejection; readonly detail: string } | undefined {
    const showsRows = (draft.demonstrations ?? []).length > 0;
    const problem = checkProposal(prompt, cut, {
      // with other demonstrations the same instruction is another prompt
      known: showsRows ? new Set() : this.#known,
      placeholders: this.#placeholders,
      maxLength: this.#options.maxPromptLength,
      examples: this.context.train,
    });
    if (problem) return problem;
    const whole = withDemonstrations(prompt, draft.demonstrations ?? [], this.context.task.template);
    if (this.#known.has(canonical(whole)))
      return { reason: 'duplicate', detail: 'This prompt was there before, with the same examples.' };
    // what is appended to an instruction changes few of its words, and may change much
    const near = showsRows || draft.compose ? undefined : this.#novelty.nearTo(prompt);
    return near === undefined
      ? undefined
      : { reason: 'near-duplicate', detail: `Hardly differs from “${near.slice(0, 80)}”, which was tried.` };
  }

  #remember(candidate: Candidate): void {
    this.#known.add(canonical(candidate.prompt));
    this.#novelty.add(instructionOf(candidate));
    if (candidate.origin.type !== 'person') this.#made.push(candidate);
  }
}

/** Both means in one, each weighing as its rows; the prior no more than the rows it is joined with. */
function blended(final: Mean | undefined, prior: Mean | undefined): number {
  if (!final || !prior) return final?.value ?? prior?.value ?? -1;
  const n = Math.min(prior.n, final.n);
  return (final.value * final.n + prior.value * n) / (final.n + n);
}

/** The line in which a generator says what it changed, where it was asked to. */
const changeIn = (text: string): string | undefined => /^\W*change\W*:\W*(\S.{3,200})$/im.exec(text)?.[1]?.trim();

/** What the generator wrote, and why it cannot be used. */
const complaint = ({ text }: GeneratedText, detail: string): readonly Message[] => [
  { role: 'assistant', content: text.trim() === '' ? '(nothing)' : text.slice(0, 2000) },
  {
    role: 'user',
    content: `That cannot be used. ${detail} Write the new instruction again, and only the instruction, between <prompt> and </prompt>.`,
  },
];
