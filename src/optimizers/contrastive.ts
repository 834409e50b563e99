import { type ExampleResult } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import { candidateId } from '#core/id.ts';
import {
  defineOptimizer,
  perform,
  type OptimizerContext,
  type Procedure,
  type SearchOutcome,
} from '#core/optimizer.ts';
import { fieldsOf, type Candidate } from '#core/prompt.ts';
import type { Values } from '#core/fields.ts';
import { canonical, checkProposal } from './parts/check-proposal.ts';
import { fillMetaPrompt } from './parts/fill-meta-prompt.ts';
import { ideas } from './parts/ideas.ts';
import { answersBlock, exampleBlock, formatBlock, promptBlock } from './parts/meta-prompt-blocks.ts';
import { pickExamples, type Evaluated, type ExampleStrategy } from './parts/pick-examples.ts';
import { ranked, scored, type Scored } from './parts/ranking.ts';
import { readProposal } from './parts/read-proposal.ts';
import defaultMetaPrompt from './meta-prompts/contrastive.txt?raw';

const fields = {
  rounds: {
    type: 'number',
    label: 'Rounds',
    help: 'How often the generator is asked for new prompts.',
    min: 1,
    max: 200,
    step: 1,
    default: 12,
  },
  proposals: {
    type: 'number',
    label: 'New prompts per round',
    help: 'Each one is a call of the generator and one evaluation on the training rows.',
    min: 1,
    max: 8,
    step: 1,
    default: 2,
  },
  strategy: {
    type: 'choice',
    label: 'Examples shown to the generator',
    help: 'Random rows show variety; the best and the worst rows (by cross entropy) show what works and what fails.',
    choices: [
      { value: 'balance', label: 'A balance of both' },
      { value: 'best_worst', label: 'Best and worst' },
      { value: 'random', label: 'Random' },
    ],
    default: 'balance',
  },
  share: {
    type: 'number',
    label: 'Share of best and worst',
    help: 'Only for the balance: 0 is all random, 1 is all best and worst.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.5,
    advanced: true,
  },
  shownExamples: {
    type: 'number',
    label: 'How many examples are shown',
    min: 0,
    max: 30,
    step: 1,
    default: 6,
    advanced: true,
  },
  shownGood: {
    type: 'number',
    label: 'How many good prompts are shown',
    min: 1,
    max: 10,
    step: 1,
    default: 3,
    advanced: true,
  },
  shownBad: {
    type: 'number',
    label: 'How many bad prompts are shown',
    min: 0,
    max: 10,
    step: 1,
    default: 2,
    advanced: true,
  },
  finalists: {
    type: 'number',
    label: 'Finalists',
    help: 'So many of the best prompts are compared on the validation rows before one is chosen.',
    min: 1,
    max: 10,
    step: 1,
    default: 3,
    advanced: true,
  },
  temperature: {
    type: 'number',
    label: 'Temperature of the generator',
    help: 'Higher writes more varied prompts.',
    min: 0,
    max: 2,
    step: 0.1,
    default: 1,
    advanced: true,
  },
  maxPromptLength: {
    type: 'number',
    label: 'Longest prompt (characters)',
    min: 50,
    max: 20000,
    step: 50,
    default: 1500,
    advanced: true,
  },
  metaPrompt: {
    type: 'long-text',
    label: 'Meta prompt',
    help: 'What the generator is told. The marks in double braces are filled in each round.',
    default: defaultMetaPrompt,
    advanced: true,
  },
} as const;

/** Characters of an input that the generator is shown. */
const shownInput = 400;
const maxProposalTokens = 500;

/** In a row without any usable proposal: the generator cannot do it, and asking on would only spend. */
const emptyRounds = 6;

/**
 * The loop of the origin: evaluate the prompts, show the generator good and bad ones with a few evaluated examples, evaluate what it
 * writes, and feed that back. Repaired: the chosen strategy reaches the meta prompt, proposals are checked before they are paid for,
 * and the winner is chosen on rows that the generator never saw.
 */
export const contrastive = defineOptimizer({
  id: 'contrastive',
  version: 1,
  label: 'Contrastive (APG)',
  description:
    'Shows the generator good and bad prompts side by side, with examples, and asks for a better one. The loop of the origin.',
  fields,
  plan(values, sizes, calls) {
    const perRound = values.proposals * (1 + sizes.train);
    const fixed = sizes.seeds * sizes.train + finalCalls(values, sizes.validation);
    const rounds = Math.max(0, Math.min(values.rounds, Math.floor((calls - fixed) / perRound)));
    return {
      rounds,
      evaluationCalls: fixed + rounds * values.proposals * sizes.train,
      generatorCalls: rounds * values.proposals,
      problems:
        rounds >= 1
          ? []
          : [
              `The budget does not hold one round: ${Math.max(0, Math.floor(calls))} calls are left after the test rows are set aside, ` +
                `${fixed + perRound} are needed (${sizes.seeds} starting prompts × ${sizes.train} rows, then ${values.proposals} new × ${sizes.train} rows, then the finalists). ` +
                'Raise the budget or use fewer rows.',
            ],
    };
  },
  *run(context, values) {
    const search = new Search(context, values);
    const keep = finalCalls(values, context.validation.length);
    if (!(yield* search.evaluate(context.seeds, keep)))
      return search.outcome('budget-spent', 'The budget ended with the starting prompts.');
    let empty = 0;
    for (let round = 1; round <= values.rounds; round++) {
      const proposed = yield* search.propose(round, keep);
      if (proposed === 'exhausted') return yield* search.confirm('budget-spent', 'The budget is spent.');
      empty = proposed.length === 0 ? empty + 1 : 0;
      if (empty >= emptyRounds)
        return yield* search.confirm(
          'finished',
          `The generator wrote no usable prompt in ${emptyRounds} rounds: a stronger generator model may help.`,
        );
      if (!(yield* search.evaluate(proposed, keep)))
        return yield* search.confirm('budget-spent', 'The budget is spent.');
      yield* perform('announce', {
        fact: { type: 'round-finished', round, best: search.best().candidate.id, note: search.note(proposed) },
      });
    }
    return yield* search.confirm('finished', `All ${values.rounds} rounds are done.`);
  },
});

type ContrastiveValues = Values<typeof fields>;

/** Calls of the comparison on the validation rows: the finalists and the best starting prompt. */
const finalCalls = (values: Pick<ContrastiveValues, 'finalists'>, validation: number): number =>
  (values.finalists + 1) * validation;

class Search {
  readonly #context: OptimizerContext;
  readonly #values: ContrastiveValues;
  readonly #candidates: Scored[] = [];
  readonly #known: Set<string>;
  readonly #placeholders: readonly string[];

  constructor(context: OptimizerContext, values: ContrastiveValues) {
    this.#context = context;
    this.#values = values;
    this.#known = new Set(context.seeds.map(({ prompt }) => canonical(prompt)));
    this.#placeholders = [...new Set(context.seeds.flatMap(({ prompt }) => fieldsOf(prompt)))];
  }

  /** False: the budget does not hold it. */
  *evaluate(candidates: readonly Candidate[], keep: number): Procedure<boolean> {
    const examples = this.#context.train.map(({ id }) => id);
    const told = yield* perform('evaluate', { candidates, examples, split: 'train', keep });
    if (told.status === 'exhausted') return false;
    for (const candidate of candidates)
      this.#candidates.push(scored(candidate, resultsOf(candidate, examples, told.result)));
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
      messages: [
        { role: 'user' as const, content: this.metaPrompt(shown, ideas[(startIdea + job) % ideas.length] ?? '') },
      ],
      maxTokens: maxProposalTokens,
      temperature,
      seed: random.fork(`job ${job}`).integer(2 ** 31),
    }));
    const told = yield* perform('generate', { jobs, keep: keep + this.#context.train.length });
    if (told.status === 'exhausted') return 'exhausted';
    const usable: Candidate[] = [];
    for (const output of told.outputs) {
      const { prompt, cut } = readProposal(output);
      const problem =
        output.finish === 'failed'
          ? { reason: 'failed' as const, detail: 'The generator did not answer.' }
          : checkProposal(prompt, cut, {
              known: this.#known,
              placeholders: this.#placeholders,
              maxLength: this.#values.maxPromptLength,
              examples: this.#context.train,
            });
      if (problem) {
        yield* perform('announce', { fact: { type: 'proposal-rejected', round, text: prompt, ...problem } });
        continue;
      }
      this.#known.add(canonical(prompt));
      const parents = shown.good.map(({ candidate }) => candidate.id);
      const candidate: Candidate = { id: candidateId(prompt), prompt, origin: { type: 'proposal', round, parents } };
      yield* perform('announce', { fact: { type: 'candidate-proposed', candidate, round } });
      usable.push(candidate);
    }
    return usable;
  }

  metaPrompt(shown: Shown, idea: string): string {
    const { task, train } = this.#context;
    const byId = new Map(train.map((example) => [example.id, example]));
    const examples = shown.examples.flatMap((item) => {
      const example = byId.get(item.example);
      return example ? [exampleBlock(item, example, task, shownInput)] : [];
    });
    const rules =
      `- Use at most ${this.#values.maxPromptLength} characters.` +
      (this.#placeholders.length > 0
        ? `\n- Keep these marks exactly as they are: ${this.#placeholders.map((name) => `{{${name}}}`).join(', ')}.`
        : '');
    return fillMetaPrompt(this.#values.metaPrompt, {
      task: task.description,
      'allowed answers': answersBlock(task, train),
      'answer format': formatBlock(task),
      'good prompts': shown.good.map((item) => promptBlock(item, false)).join('\n\n') || '(none yet)',
      'bad prompts': shown.bad.map((item) => promptBlock(item, true)).join('\n\n') || '(none)',
      examples: examples.join('\n\n') || '(none)',
      rules,
      idea,
    });
  }

  /** Good and bad prompts do not overlap; with few prompts the better half is good. The examples are those of the best prompt. */
  #show(random: OptimizerContext['random']): Shown {
    const { shownGood, shownBad, shownExamples, strategy, share } = this.#values;
    const order = ranked(this.#candidates);
    const good = order.slice(0, Math.min(shownGood, Math.max(1, Math.ceil(order.length / 2))));
    const bad = order.slice(Math.max(good.length, order.length - shownBad));
    const best = good[0];
    const evaluated = best
      ? this.#context.train.flatMap(({ id }, index) => {
          const result = best.results[index];
          return result ? [{ example: id, result }] : [];
        })
      : [];
    return { good, bad, examples: pickExamples(evaluated, shownExamples, strategy as ExampleStrategy, share, random) };
  }

  best(): Scored {
    const [best] = ranked(this.#candidates);
    if (!best) throw new Error('Bug: no prompt was evaluated');
    return best;
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
    const examples = this.#context.validation.map(({ id }) => id);
    if (examples.length === 0) return this.outcome(ended, reason);
    const finalists = [...new Set([...ranked(this.#candidates).slice(0, this.#values.finalists), this.#bestSeed()])];
    const told = yield* perform('evaluate', {
      candidates: finalists.map(({ candidate }) => candidate),
      examples,
      split: 'validation',
      keep: 0,
    });
    if (told.status === 'exhausted')
      return this.outcome(ended, `${reason} The finalists were not compared: the budget was spent before.`);
    const order = ranked(
      finalists.map(({ candidate }) => scored(candidate, resultsOf(candidate, examples, told.result))),
    );
    return {
      best: order[0]?.candidate.id ?? this.best().candidate.id,
      baseline: this.#bestSeed().candidate.id,
      reason,
      ended,
    };
  }

  outcome(ended: SearchOutcome['ended'], reason: string): SearchOutcome {
    if (this.#candidates.length === 0) {
      const first = this.#context.seeds[0];
      if (!first) throw new Error('Bug: a search without a starting prompt');
      return { best: first.id, baseline: first.id, reason, ended };
    }
    return { best: this.best().candidate.id, baseline: this.#bestSeed().candidate.id, reason, ended };
  }

  #bestSeed(): Scored {
    const seeds = ranked(this.#candidates).filter(({ candidate }) => candidate.origin.type === 'start');
    return seeds[0] ?? this.best();
  }
}

type Shown = {
  readonly good: readonly Scored[];
  readonly bad: readonly Scored[];
  readonly examples: readonly Evaluated[];
};

const resultsOf = (
  candidate: Candidate,
  examples: readonly ExampleId[],
  result: (candidate: Candidate['id'], example: ExampleId) => ExampleResult | undefined,
): readonly ExampleResult[] => examples.flatMap((example) => result(candidate.id, example) ?? []);
