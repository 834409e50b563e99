import { defineOptimizer } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import defaultMetaPrompt from './meta-prompts/evoprompt-ga.txt?raw';
import { evoFields, evolutionRows, planEvolution } from './evoprompt/shared.ts';
import { aboutTask } from './parts/about-task.ts';
import { asked, metaPromptField } from './parts/fill-meta-prompt.ts';
import { measure } from './parts/measure.ts';
import { numberedPrompts } from './parts/meta-prompt-blocks.ts';
import { drawParents } from './parts/parents.ts';
import { fillers, fittest } from './parts/population.ts';
import type { Draft } from './parts/proposals.ts';
import { byRounds, noteOf } from './parts/rounds.ts';
import { affordable } from './parts/row-sample.ts';
import { announceVerdicts } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';

const fields = {
  ...evoFields,
  parents: {
    type: 'choice',
    label: 'Choice of parents',
    help: 'The paper draws by the score, which hardly prefers anyone where scores are alike, and may cross a prompt with itself.',
    choices: [
      { value: 'ranks', label: 'Two different ones, the better ones more often' },
      { value: 'roulette', label: 'By the score, as in the paper' },
    ],
    default: 'ranks',
    advanced: true,
  },
  metaPrompt: metaPromptField(defaultMetaPrompt),
} as const;

/** EvoPrompt with a genetic algorithm (Guo et al. 2023): prompts are crossed and mutated, and the best of old and new live on. */
export const evopromptGa = defineOptimizer({
  id: 'evoprompt-ga',
  version: 8,
  label: 'EvoPrompt GA (2023)',
  description:
    'Crosses and mutates a population of prompts without looking at the rows. Choose it when you have several good prompts of different kinds.',
  fields,
  plan: (values, sizes, calls) => planEvolution(values, sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const rows = evolutionRows(context, values);
    const complete = yield* measure(bench, context.seeds, rows);
    let members = fittest(bench, context.seeds, rows, values.population);
    if (!complete) return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', members);

    function* admit(_round: number, candidates: readonly Candidate[]) {
      const held = yield* measure(bench, candidates, rows);
      members = fittest(bench, [...members, ...candidates], rows, values.population);
      return held;
    }
    const course = { rounds: values.rounds, rows, best: () => members[0] };
    const end = yield* byRounds(bench, course, admit, function* (round) {
      const random = context.random.fork(`round ${round}`);
      const about = aboutTask(bench, values.tellTask);
      const free = values.population - members.length;
      const wanted = free > 0 ? free : values.population;
      const count = affordable(wanted, bench.callsLeft, (one) => one * (1 + rows.length));
      if (count === 0) return 'exhausted';
      yield* bench.announce({ type: 'round-started', round, good: members.map(({ id }) => id), bad: [], examples: [] });
      const ranked = members.map((item) => ({ item, score: bench.book.mean(item.id, rows)?.value ?? 0 }));
      const crossing = (): Draft => {
        const isPaper = values.parents === 'roulette';
        const parents = drawParents(ranked, isPaper ? 'roulette' : 'ranks', !isPaper, random);
        return crossingOf(parents, values.metaPrompt, about);
      };
      const drafts =
        free > 0
          ? fillers(members, count, values.paraphrasePrompt, about, random)
          : Array.from({ length: count }, crossing);
      const children = yield* bench.propose(round, drafts, { again: true });
      if (children === 'exhausted') return 'exhausted';
      const held = yield* measure(bench, children, rows);
      members = fittest(bench, [...members, ...children], rows, values.population);
      const words = { kept: 'joins the population', dropped: 'the population has better ones' };
      yield* announceVerdicts(bench, round, children, members, words);
      const best = members[0] ?? bench.bestSeed();
      return held ? { best, note: noteOf(children, best), drafts: count, usable: children.length } : 'exhausted';
    });
    return yield* bench.choose(end.ended, end.reason, members);
  },
});

const crossingOf = (parents: readonly Candidate[], text: string, about: Readonly<Record<string, string>>): Draft => ({
  messages: asked(text, { ...about, parents: numberedPrompts(parents) }),
  operator: 'crossover and mutation',
  parents: parents.map(({ id }) => id),
});
