import { defineOptimizer } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import defaultMetaPrompt from './meta-prompts/evoprompt-de.txt?raw';
import { evoFields, evolutionRows, planEvolution } from './evoprompt/shared.ts';
import { aboutTask } from './parts/about-task.ts';
import { asked, metaPromptField } from './parts/fill-meta-prompt.ts';
import { measure } from './parts/measure.ts';
import { numberedPrompts } from './parts/meta-prompt-blocks.ts';
import { fillers, fittest } from './parts/population.ts';
import type { Draft } from './parts/proposals.ts';
import { byMean } from './parts/race.ts';
import { byRounds, noteOf } from './parts/rounds.ts';
import { affordable } from './parts/row-sample.ts';
import { rightWords } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';

const fields = { ...evoFields, metaPrompt: metaPromptField(defaultMetaPrompt) } as const;

/**
 * EvoPrompt with differential evolution (Guo et al. 2023): what two prompts differ in is mutated, joined with the best one and crossed
 * with the prompt in a slot, which gives way only to a strictly better one.
 */
export const evopromptDe = defineOptimizer({
  id: 'evoprompt-de',
  version: 8,
  label: 'EvoPrompt DE (2023)',
  description:
    'Changes each prompt of a population by what two others differ in. Choose it when the genetic form settles too early on one kind of prompt.',
  fields,
  plan: (values, sizes, calls) => planEvolution(values, sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const rows = evolutionRows(context, values);
    const complete = yield* measure(bench, context.seeds, rows);
    /** A slot keeps its place, whatever is best. */
    let slots = fittest(bench, context.seeds, rows, values.population);
    if (!complete) return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', slots);
    const best = (): Candidate => byMean(bench, slots, rows)[0] ?? bench.bestSeed();

    /** A person's prompt takes a free slot, or that of the worst one if it is better. */
    function* admit(_round: number, candidates: readonly Candidate[]) {
      const held = yield* measure(bench, candidates, rows);
      const kept = fittest(bench, [...slots, ...candidates], rows, values.population);
      const fresh = kept.filter((candidate) => !slots.includes(candidate));
      slots = [...slots.map((slot) => (kept.includes(slot) ? slot : (fresh.shift() ?? slot))), ...fresh];
      return held;
    }
    const end = yield* byRounds(bench, { rounds: values.rounds, rows, best }, admit, function* (round) {
      const random = context.random.fork(`round ${round}`);
      const about = aboutTask(bench, values.tellTask);
      const free = values.population - slots.length;
      const wanted = free > 0 ? free : slots.length;
      const count = affordable(wanted, bench.callsLeft, (one) => one * (1 + rows.length));
      if (count === 0) return 'exhausted';
      yield* bench.announce({ type: 'round-started', round, good: slots.map(({ id }) => id), bad: [], examples: [] });
      const drafts =
        free > 0
          ? fillers(slots, count, values.paraphrasePrompt, about, random)
          : slots.slice(0, count).map((basic) => variationOf(basic, slots, best(), values.metaPrompt, about, random));
      const children = yield* bench.propose(round, drafts, { again: true });
      if (children === 'exhausted') return 'exhausted';
      const held = yield* measure(bench, children, rows);
      for (const child of children) {
        if (bench.book.resultsOf(child.id).size === 0) continue;
        const place = free > 0 ? slots.length : slots.findIndex(({ id }) => id === basicOf(child));
        const basic = slots[place];
        const accepted = !basic || (bench.book.difference(child.id, basic.id, rows)?.value ?? -1) > 0;
        if (accepted) slots = [...slots.slice(0, place), child, ...slots.slice(place + 1)];
        yield* bench.announce({
          type: 'proposal-judged',
          round,
          candidate: child.id,
          accepted,
          reason: `${rightWords(bench, child)}: ${!basic ? 'takes a free slot' : accepted ? 'strictly better than the prompt in its slot' : 'not better than the prompt in its slot'}.`,
        });
      }
      yield* bench.announce({
        type: 'archive-changed',
        round,
        residents: byMean(bench, slots, rows).map(({ id }) => id),
      });
      const note = noteOf(children, best());
      return held ? { best: best(), note, drafts: count, usable: children.length } : 'exhausted';
    });
    return yield* bench.choose(end.ended, end.reason, byMean(bench, slots, rows));
  },
});

/** The prompt whose slot a child competes for: the first of its parents. */
const basicOf = ({ origin }: Candidate) => (origin.type === 'proposal' ? origin.parents[0] : undefined);

function variationOf(
  basic: Candidate,
  slots: readonly Candidate[],
  best: Candidate,
  text: string,
  about: Readonly<Record<string, string>>,
  random: Random,
): Draft {
  const others = random.sample(
    slots.filter((slot) => slot !== basic),
    2,
  );
  const named = numberedPrompts([...others, best]);
  const parents = `${named}\n\nBasic prompt: “${instructionOf(basic)}”`;
  return {
    messages: asked(text, { ...about, parents }),
    operator: 'differential evolution',
    parents: [...new Set([basic, ...others, best].map(({ id }) => id))],
  };
}
