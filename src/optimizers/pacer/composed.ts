import { canBeShown, candidateWith } from '#core/demonstrations.ts';
import type { ExampleId } from '#core/id.ts';
import { fieldsOf, instructionOf } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { demonstrationsOf, isWhole } from '../parts/demonstrations.ts';
import { forms } from '../parts/templates.ts';
import { editOf } from './edits.ts';
import { demonstrationOf, oneOfEach, type Operator, type Site } from './site.ts';

/** Operators that need no generator. */

/** Longest row that is shown as a demonstration, in characters. */
const longestDemo = 1200;

/** Worked examples added, swapped or dropped: a search of their own, which needs no generator (MIPROv2, CAPO, random search). */
export const demos: Operator = {
  id: 'demos',
  prior: 0.2,
  move(site) {
    const { bench, parent, random, mostDemonstrations, round } = site;
    const { template } = bench.context.task;
    const shown = parent.demos?.examples ?? [];
    if (shown.length === 0 && hadItsChance(site)) return undefined;
    const free = bench.context.train
      .filter(({ id, targets }) => !shown.includes(id) && isWhole(targets[0] ?? ''))
      .filter((example) => canBeShown(template, example, longestDemo))
      .map(({ id }) => id);
    // a row that is shown is never asked: two thirds must be left to judge by
    const rows = bench.context.train.length;
    const most = Math.min(mostDemonstrations, rows - 1, Math.max(1, Math.floor(rows / 3)));
    const next = changed(shown, free, site, random, most);
    if (!next || (next.length === 0 && bench.isKnown(instructionOf(parent)))) return undefined;
    const there = new Map(demonstrationsOf(parent, bench.context).map((one) => [one.example.id, one]));
    const candidate = candidateWith(
      instructionOf(parent),
      // what stands in the parent's prompt stays as it is there
      next.map((row) => there.get(row) ?? demonstrationOf(site, row)),
      template,
      {
        type: 'proposal',
        round,
        parents: [parent.id],
        operator: 'demos',
        why:
          next.length === 0
            ? 'Shows no worked examples any more.'
            : next.length === 1
              ? 'Shows one worked example.'
              : `Shows ${next.length} worked examples.`,
      },
    );
    return { candidate };
  },
};

/** First sets that an instruction is tried with: where none of them was kept, examples do not help it. */
const mostSets = 3;

function hadItsChance({ bench, parent, residents }: Site): boolean {
  const instruction = instructionOf(parent);
  const sets = bench
    .candidates()
    .filter(
      ({ demos, origin }) =>
        demos?.instruction === instruction && origin.type === 'proposal' && origin.operator === 'demos',
    );
  return sets.length >= mostSets && !sets.some(({ id }) => residents.some((kept) => kept.id === id));
}

/** One step in the space of demonstrations. A first set is two to four rows at once: a single one seldom shows the form. */
function changed(
  shown: readonly ExampleId[],
  free: readonly ExampleId[],
  site: Site,
  random: Random,
  most: number,
): readonly ExampleId[] | undefined {
  if (most === 0 || (free.length === 0 && shown.length === 0)) return undefined;
  if (shown.length === 0) return random.shuffle(oneOfEach(free, site, random, Math.min(most, 2 + random.integer(3))));
  const draw = random.next();
  if (draw < 0.45 && shown.length < most && free.length > 0)
    return random.shuffle([...shown, ...oneOfEach(free, site, random, 1)]);
  if (draw < 0.85 && free.length > 0) {
    const out = random.pick(shown);
    return random.shuffle([...shown.filter((row) => row !== out), ...oneOfEach(free, site, random, 1)]);
  }
  // a child has the examples of its parent, and may be better without any
  return random.next() < 0.5 ? [] : shown.length > 1 ? random.sample(shown, shown.length - 1) : undefined;
}

/** Sentences moved, left out or taken over: small steps that need no generator. */
export const edit: Operator = {
  id: 'edit',
  prior: 0.15,
  move(site) {
    const { bench, parent, residents, random, round } = site;
    const { task } = bench.context;
    const instruction = instructionOf(parent);
    const others = residents.filter(({ id }) => id !== parent.id).map(instructionOf);
    const shown = demonstrationsOf(parent, bench.context);
    for (let draw = 0; draw < editDraws; draw++) {
      const made = editOf(instruction, { forms: forms[task.answer.type], others }, random);
      if (!made || fieldsOf(made.instruction).join() !== fieldsOf(instruction).join()) continue;
      const { why } = made;
      const origin = { type: 'proposal', round, parents: [parent.id], operator: 'edit', why } as const;
      const candidate = candidateWith(made.instruction, shown, task.template, origin);
      if (!bench.isKnown(candidate.prompt)) return { candidate };
    }
    return undefined;
  },
};
/** Changes that chance may propose until one is new. */
const editDraws = 8;

/** A template that was not tried yet. */
export const template: Operator = {
  id: 'template',
  prior: 0.1,
  move({ bench, round, templates }) {
    const [prompt] = templates;
    if (prompt === undefined) return undefined;
    return {
      candidate: candidateWith(prompt, [], bench.context.task.template, {
        type: 'proposal',
        round,
        parents: [],
        operator: 'template',
        why: 'The task, the allowed answers and the form of the answer, put together.',
      }),
    };
  },
};
