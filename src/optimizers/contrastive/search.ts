import type { Message } from '#core/completion.ts';
import { candidateWith } from '#core/demonstrations.ts';
import {
  notCompared,
  perform,
  type OptimizerContext,
  type Procedure,
  type Requests,
  type SearchFact,
  type SearchOutcome,
} from '#core/optimizer.ts';
import { fieldsOf, type Candidate } from '#core/prompt.ts';
import { canonical, checkProposal, noAnswer } from '../parts/check-proposal.ts';
import { confirm } from '../parts/confirmation.ts';
import { demonstrationsOf } from '../parts/demonstrations.ts';
import { asked } from '../parts/fill-meta-prompt.ts';
import { frameOf } from '../parts/frame.ts';
import { ideas } from '../parts/ideas.ts';
import { longestPrompt, roomToThink } from '../parts/longest-prompt.ts';
import { exampleBlock, promptBlock } from '../parts/meta-prompt-blocks.ts';
import { finalRows } from '../parts/plan.ts';
import { pickExamples, type Evaluated, type ExampleStrategy } from '../parts/pick-examples.ts';
import { ranked, type Scored } from '../parts/ranking.ts';
import { saidAnyway, sameExamples } from '../parts/proposals.ts';
import { ranOut, readProposal } from '../parts/read-proposal.ts';
import { ScoreBook } from '../parts/score-book.ts';
import { announceVerdicts, notAmong } from '../parts/verdicts.ts';
import type { ContrastiveValues } from './fields.ts';

/** Characters of an input that the generator is shown. */
const shownInput = 400;
const maxProposalTokens = (longest: number): number => Math.max(400, Math.ceil(longest / 4));

/** The moves of the contrastive loop, and what they remember. Pure: everything comes in through the context and the answers. */
export class Search {
  readonly #context: OptimizerContext;
  readonly #values: ContrastiveValues;
  /** In the order in which they were tried. */
  readonly #tried: Candidate[] = [];
  readonly #book = new ScoreBook(0);
  readonly #known: Set<string>;
  readonly #placeholders: readonly string[];
  readonly #hints: string[] = [];
  readonly #maxPromptLength: number;
  /** The generator used up all its tokens before it said anything: from then on it has more of them. */
  #thinks = false;

  constructor(context: OptimizerContext, values: ContrastiveValues) {
    this.#context = context;
    this.#values = values;
    this.#maxPromptLength = longestPrompt(context, values.maxPromptLength);
    this.#known = new Set(context.seeds.map(({ prompt }) => canonical(prompt)));
    this.#placeholders = [...new Set(context.seeds.flatMap(({ prompt }) => fieldsOf(prompt)))];
  }

  /** What the person wants the generator to know, from now on. */
  hint(hints: readonly string[]): void {
    this.#hints.push(...hints);
  }

  /** Prompts of the person: tried like proposals, but for the checks. False: the budget does not hold them. */
  *add(candidates: readonly Candidate[], keep: number): Procedure<boolean> {
    const had = new Set([...this.#context.seeds, ...this.#tried].map(({ id }) => id));
    const fresh = candidates.filter(({ id }) => !had.has(id));
    for (const { prompt } of fresh) this.#known.add(canonical(prompt));
    return yield* this.evaluate(fresh, keep);
  }

  /** False: the budget does not hold all of them. What is paid for already is then tried as far as it goes, one by one. */
  *evaluate(candidates: readonly Candidate[], keep: number): Procedure<boolean> {
    if (candidates.length === 0 || (yield* this.#evaluateAll(candidates, keep))) return true;
    if (candidates.length === 1) return false;
    for (const candidate of candidates) if (!(yield* this.#evaluateAll([candidate], keep))) return false;
    return true;
  }

  *#evaluateAll(candidates: readonly Candidate[], keep: number): Procedure<boolean> {
    const examples = this.#context.train.map(({ id }) => id);
    const told = yield* perform('evaluate', { candidates, examples, split: 'train', keep });
    if (told.status === 'exhausted') return false;
    this.#book.record(candidates, examples, told.result);
    this.#tried.push(...candidates);
    return true;
  }

  *propose(round: number, keep: number): Procedure<readonly Candidate[] | 'exhausted'> {
    const { proposals, temperature } = this.#values;
    const random = this.#context.random.fork(`round ${round}`);
    const shown = this.#show(random.fork('shown'));
    yield* perform('announce', {
      fact: {
        type: 'round-started',
        round,
        good: shown.good.map(({ candidate }) => candidate.id),
        bad: shown.bad.map(({ candidate }) => candidate.id),
        examples: shown.examples.map(({ example }) => example),
      },
    });
    const startIdea = random.fork('ideas').integer(ideas.length);
    const jobs = Array.from({ length: proposals }, (_, job) => ({
      messages: this.#metaPrompt(shown, ideas[(startIdea + job) % ideas.length] ?? ''),
      maxTokens: maxProposalTokens(this.#maxPromptLength) * (this.#thinks ? roomToThink : 1),
      temperature,
      seed: random.fork(`job ${job}`).integer(2 ** 31),
    }));
    const usable: Candidate[] = [];
    for (let open = jobs; open.length > 0;) {
      const told = yield* perform('generate', {
        round,
        purpose: 'prompt',
        jobs: open,
        keep: keep + this.#context.train.length,
      });
      if (told.status === 'exhausted') return open === jobs ? 'exhausted' : usable;
      usable.push(...(yield* this.#read(round, shown, told)));
      const empty = this.#thinks ? [] : told.outputs.flatMap((output, job) => (ranOut(output) ? [job] : []));
      this.#thinks ||= empty.length > 0;
      // the first time only: the next ones have more tokens from the beginning
      open = jobs.flatMap((job, place) =>
        empty.includes(place) ? [{ ...job, maxTokens: job.maxTokens * roomToThink }] : [],
      );
    }
    return usable;
  }

  /** What the generator wrote, as far as it is usable; each text is answered with a fact. */
  *#read(round: number, shown: Shown, told: Requests['generate']['tell']): Procedure<readonly Candidate[]> {
    const usable: Candidate[] = [];
    // a child shows what the best shows: without it, every new instruction would lose to the worked examples of the old one
    const [best] = shown.good;
    const worked = best ? demonstrationsOf(best.candidate, this.#context) : [];
    for (const [job, output] of told.outputs.entries()) {
      const from = { step: told.step, job };
      const { prompt, cut } = readProposal(output);
      const candidate = candidateWith(prompt, worked, this.#context.task.template, {
        type: 'proposal',
        round,
        parents: shown.good.map((item) => item.candidate.id),
      });
      const problem =
        noAnswer(output) ??
        checkProposal(prompt, cut, {
          known: this.#known,
          placeholders: this.#placeholders,
          maxLength: this.#maxPromptLength,
          examples: this.#context.train,
          common: saidAnyway(this.#context),
        }) ??
        // the instruction of a prompt that shows rows is not known by itself
        (this.#known.has(canonical(candidate.prompt)) ? sameExamples : undefined);
      if (problem) {
        yield* perform('announce', { fact: { type: 'proposal-rejected', round, from, text: prompt, ...problem } });
        continue;
      }
      for (const text of [prompt, candidate.prompt]) this.#known.add(canonical(text));
      yield* perform('announce', { fact: { type: 'candidate-proposed', candidate, round, from } });
      usable.push(candidate);
    }
    return usable;
  }

  #metaPrompt(shown: Shown, idea: string): readonly Message[] {
    const { task, train } = this.#context;
    const byId = new Map(train.map((example) => [example.id, example]));
    const examples = shown.examples.flatMap((item) => {
      const example = byId.get(item.example);
      return example ? [exampleBlock(item, example, task, shownInput)] : [];
    });
    return asked(this.#values.metaPrompt, {
      ...frameOf({
        context: this.#context,
        maxPromptLength: this.#maxPromptLength,
        placeholders: this.#placeholders,
        hints: this.#hints,
      }),
      'good prompts': shown.good.map((item) => promptBlock(item, { showAnswer: false })).join('\n\n') || '(none yet)',
      'bad prompts': shown.bad.map((item) => promptBlock(item, { showAnswer: true })).join('\n\n') || '(none)',
      examples: examples.join('\n\n') || '(none)',
      idea,
    });
  }

  /** Good and bad prompts do not overlap; with few prompts the better half is good. The examples are those of the best prompt. */
  #show(random: OptimizerContext['random']): Shown {
    const { shownBad, shownExamples, strategy, share, tail } = this.#values;
    const order = this.#ranked();
    const good = this.#good(order);
    const bad = order.slice(Math.max(good.length, order.length - shownBad));
    const best = good[0];
    const evaluated = best ? [...this.#book.resultsOf(best.candidate.id)] : [];
    return {
      good,
      bad,
      examples: pickExamples(
        evaluated.map(([example, result]): Evaluated => ({ example, result })),
        shownExamples,
        { strategy: strategy as ExampleStrategy, share, tail },
        random,
      ),
    };
  }

  /** Best first; a row that failed for one prompt, or that it shows, counts for no other. */
  #ranked(): readonly Scored[] {
    const order = ranked(this.#tried.map((candidate) => this.#book.scored(candidate)));
    return this.#book.paired(order.map(({ candidate }) => candidate)).map((candidate) => this.#book.scored(candidate));
  }

  #good(order = this.#ranked()): readonly Scored[] {
    return order.slice(0, Math.min(this.#values.shownGood, Math.max(1, Math.ceil(order.length / 2))));
  }

  best(): Scored {
    const [best] = this.#ranked();
    if (!best) throw new Error('Bug: no prompt was evaluated');
    return best;
  }

  /** Says of each new prompt whether the generator will be shown it as a good one, and which those are. */
  judge(round: number, proposed: readonly Candidate[]): Procedure<void> {
    const good = this.#good().map(({ candidate }) => candidate);
    const bench = { book: this.#book, announce };
    const words = { kept: 'among the best, which the generator is shown as good ones', dropped: notAmong };
    return announceVerdicts(bench, round, proposed, good, words);
  }

  note(proposed: readonly Candidate[]): string {
    const best = this.best().candidate.id;
    if (proposed.length === 0) return 'No usable proposal in this round.';
    return proposed.some(({ id }) => id === best)
      ? 'A new best prompt.'
      : 'No proposal was better than the best so far.';
  }

  /** The finalists and the best starting prompt on rows that the generator never saw; the best of them wins. */
  *confirm(ended: SearchOutcome['ended'], reason: string): Procedure<SearchOutcome> {
    const { validation, calls, random } = this.#context;
    const { finalists: most } = this.#values;
    const rows = finalRows(most, validation.length, calls);
    const examples = random
      .fork('validation')
      .shuffle(validation.map(({ id }) => id))
      .slice(0, rows);
    if (most === 0 || examples.length === 0 || this.#tried.length === 0) return this.outcome(ended, reason);
    const finalists = [...new Set([...this.#ranked().slice(0, most), this.#bestSeed()])];
    const order = yield* confirm(
      finalists.map(({ candidate }) => candidate),
      examples,
    );
    if (order === 'exhausted') return this.outcome(ended, `${reason} ${notCompared}`);
    // chosen on the same rows as the winner: two starting prompts that swapped places are no progress
    const baseline = order.find(({ origin }) => origin.type === 'start') ?? this.#bestSeed().candidate;
    return { best: order[0]?.id ?? this.best().candidate.id, baseline: baseline.id, reason, ended };
  }

  /** Of the train rows alone. */
  outcome(ended: SearchOutcome['ended'], reason: string): SearchOutcome {
    if (this.#tried.length === 0) {
      const first = this.#context.seeds[0];
      if (!first) throw new Error('Bug: a search without a starting prompt');
      return { best: first.id, baseline: first.id, reason, ended };
    }
    return { best: this.best().candidate.id, baseline: this.#bestSeed().candidate.id, reason, ended };
  }

  #bestSeed(): Scored {
    const seeds = this.#ranked().filter(({ candidate }) => candidate.origin.type === 'start');
    return seeds[0] ?? this.best();
  }
}

function* announce(fact: SearchFact): Procedure<void> {
  yield* perform('announce', { fact });
}

type Shown = {
  readonly good: readonly Scored[];
  readonly bad: readonly Scored[];
  readonly examples: readonly Evaluated[];
};
