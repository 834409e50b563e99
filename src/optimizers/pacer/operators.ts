import { canBeShown, candidateWith, type Demonstration } from '#core/demonstrations.ts';
import type { ExampleId } from '#core/id.ts';
import { fieldsOf, instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { ideas } from '../parts/ideas.ts';
import { fillMetaPrompt } from '../parts/fill-meta-prompt.ts';
import { frameOf } from '../parts/frame.ts';
import type { Draft } from '../parts/proposals.ts';
import { forms } from '../parts/templates.ts';
import type { Workbench } from '../parts/workbench.ts';
import { editOf } from './edits.ts';
import {
  candidateBlock,
  confusionsBlock,
  examplesBlock,
  pairsBlock,
  uncertainRows,
  wonRows,
  wrongRows,
} from './evidence.ts';

/** What an operator can build on. */
export type Site = {
  readonly bench: Workbench;
  readonly parent: Candidate;
  /** The prompts that are kept, the incumbent first. */
  readonly residents: readonly Candidate[];
  readonly round: number;
  readonly random: Random;
  readonly metaPrompt: string;
  readonly mostDemonstrations: number;
  /** Changes that were tried and lost, the newest last. */
  readonly lost: readonly string[];
  /** Templates that were not tried yet. */
  readonly templates: readonly string[];
};

/** A prompt to be written by the generator, or one that needs none. */
type Move = { readonly draft: Draft } | { readonly candidate: Candidate };

/** A way of getting from what is known to a new prompt; undefined where it has nothing to work with. */
export type Operator = { readonly id: string; readonly prior: number; readonly move: (site: Site) => Move | undefined };

/** Longest row that is shown as a demonstration, in characters. */
const longestDemo = 1200;

const draftOf = (
  site: Site,
  operator: string,
  parents: readonly Candidate[],
  evidence: readonly string[],
  request: string,
): Move => ({
  draft: {
    operator,
    parents: parents.map(({ id }) => id),
    messages: [
      {
        role: 'user',
        content: fillMetaPrompt(site.metaPrompt, {
          ...frameOf(site.bench),
          evidence: evidence.filter((block) => block !== '').join('\n\n'),
          request,
          idea: site.random.pick(ideas),
        }),
      },
    ],
    ...keptDemonstrations(site, parents[0]),
  },
});

/** A child shows the demonstrations of its parent. */
function keptDemonstrations(site: Site, parent: Candidate | undefined): Pick<Draft, 'demonstrations'> {
  const shown = parent?.demos?.examples ?? [];
  return shown.length > 0 ? { demonstrations: shown.map((row) => demonstrationOf(site, row)) } : {};
}

/** The row with the right answer, spelled as the data have it. */
const demonstrationOf = ({ bench }: Site, row: ExampleId): Demonstration => {
  const example = bench.example(row);
  return { example, answer: example.targets[0] ?? '' };
};

/** Reflection on mistakes, with a row that another prompt got right (GEPA; the contrast on the same row is SIMBA's). */
const reflect: Operator = {
  id: 'reflect',
  prior: 0.4,
  move(site) {
    const { bench, parent, residents, random } = site;
    const wrong = wrongRows(bench, parent, 3, random);
    const shown = wrong.length > 0 ? wrong : uncertainRows(bench, parent, 3);
    if (shown.length === 0) return undefined;
    const peer = random
      .shuffle(residents.filter(({ id }) => id !== parent.id))
      .find((other) => wonRows(bench, other, parent, 1, random.fork('peer')).length > 0);
    const won = peer ? wonRows(bench, peer, parent, 1, random.fork('peer')) : [];
    return draftOf(
      site,
      'reflect',
      [parent],
      [
        `The instruction that is used now:\n${candidateBlock(bench, parent)}`,
        confusionsBlock(bench, parent),
        `${wrong.length > 0 ? 'Inputs that it gets wrong' : 'Inputs where it is right, but not sure'}:\n\n${examplesBlock(bench, parent, shown)}`,
        wrong.length > 0
          ? `One that it gets right:\n\n${examplesBlock(bench, parent, uncertainRows(bench, parent, 1))}`
          : '',
        peer && won.length > 0
          ? `Another instruction, “${instructionOf(peer)}”, got this one right:\n\n${examplesBlock(bench, peer, won)}`
          : '',
        site.lost.length > 0
          ? `Changes that did not help:\n${site.lost
              .slice(-5)
              .map((change) => `- ${change}`)
              .join('\n')}`
          : '',
      ],
      'Find out why it goes wrong, and write a better instruction.',
    );
  },
};

/** All that were evaluated, best first. Few rows must not look like many: five right answers of five are no better than forty of fifty. */
function byEstimate({ bench, residents, parent }: Site): readonly Candidate[] {
  const reference = residents[0] ?? parent;
  return bench
    .candidates()
    .map((candidate) => ({ candidate, value: bench.book.estimate(candidate.id, reference.id) }))
    .sort((a, b) => b.value - a.value || (a.candidate.id < b.candidate.id ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** The origin's meta prompt: the best and the worst prompts side by side, with examples. */
const contrast: Operator = {
  id: 'contrast',
  prior: 0.2,
  move(site) {
    const { bench, random } = site;
    const order = byEstimate(site);
    if (order.length < 2) return undefined;
    const good = order.slice(0, Math.min(3, Math.ceil(order.length / 2)));
    const bad = order.slice(Math.max(good.length, order.length - 2));
    const best = good[0] ?? site.parent;
    const rows = [...wrongRows(bench, best, 2, random), ...uncertainRows(bench, best, 2)];
    return draftOf(
      site,
      'contrast',
      good,
      [
        `The best instructions so far. Do more of what they do right:\n${good.map((candidate) => candidateBlock(bench, candidate)).join('\n\n')}`,
        `The worst instructions so far. Do nothing of what they do:\n${bad.map((candidate) => candidateBlock(bench, candidate)).join('\n\n')}`,
        `Some inputs, with the answer that the best instruction led to:\n\n${examplesBlock(bench, best, rows)}`,
      ],
      'Find out what tells the good ones from the bad ones, and write one better than all of them.',
    );
  },
};

/** Two prompts that are good on different rows, joined by the generator (GEPA's merge, EvoPrompt's crossover). */
const merge: Operator = {
  id: 'merge',
  prior: 0.1,
  move(site) {
    const { bench, parent, random } = site;
    const mates = bench
      .candidates()
      .filter((mate) => mate.id !== parent.id && instructionOf(mate) !== instructionOf(parent))
      .map((mate) => ({ mate, gain: unionGain(bench, parent, mate) }))
      .filter(({ gain }) => gain >= leastGain)
      .sort((a, b) => b.gain - a.gain || (a.mate.id < b.mate.id ? -1 : 1));
    const mate = mates[0]?.mate;
    if (!mate) return undefined;
    const [mine, theirs] = [wonRows(bench, parent, mate, 2, random), wonRows(bench, mate, parent, 2, random)];
    return draftOf(
      site,
      'merge',
      [parent, mate],
      [
        `Instruction A:\n${candidateBlock(bench, parent)}`,
        `Instruction B:\n${candidateBlock(bench, mate)}`,
        mine.length > 0 ? `Only A gets these right:\n\n${examplesBlock(bench, parent, mine)}` : '',
        theirs.length > 0 ? `Only B gets these right:\n\n${examplesBlock(bench, mate, theirs)}` : '',
      ],
      'Write one instruction that joins what A and B each do well.',
    );
  },
};

/** What the better of the two on each row would gain over the better of the two overall, on the rows that both answered. */
function unionGain({ book }: Workbench, a: Candidate, b: Candidate): number {
  const [mine, theirs] = [book.gradesOf(a.id), book.gradesOf(b.id)];
  let [n, union, first, second] = [0, 0, 0, 0];
  for (const [row, grade] of mine) {
    const other = theirs.get(row);
    if (other === undefined) continue;
    n += 1;
    union += Math.max(grade, other);
    first += grade;
    second += other;
  }
  return n < leastShared ? 0 : (union - Math.max(first, second)) / n;
}

/** A mean grade that the better of two on each row must add; less is the noise of probabilities. */
const leastGain = 0.05;
/** Rows that two prompts must share before it is said that they complement each other. */
const leastShared = 5;

/** Worked examples added, swapped or dropped: a search of their own, which needs no generator (MIPROv2, CAPO, random search). */
const demos: Operator = {
  id: 'demos',
  prior: 0.2,
  move(site) {
    const { bench, parent, random, mostDemonstrations, round } = site;
    const { template } = bench.context.task;
    const shown = parent.demos?.examples ?? [];
    const free = bench.context.train
      .filter((example) => !shown.includes(example.id) && canBeShown(template, example, longestDemo))
      .map(({ id }) => id);
    const next = changed(shown, free, site, random, mostDemonstrations);
    if (!next || next.length === 0) return undefined;
    const candidate = candidateWith(
      instructionOf(parent),
      next.map((row) => demonstrationOf(site, row)),
      template,
      {
        type: 'proposal',
        round,
        parents: [parent.id],
        operator: 'demos',
        why: `Shows ${next.length} worked examples.`,
      },
    );
    return { candidate };
  },
};

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
  return shown.length > 1 ? random.sample(shown, shown.length - 1) : undefined;
}

/**
 * Rows to show: of different answers before any answer repeats; rows that the prompt gets right, the least certain first (its own kind
 * of answer, where it is needed most), before unseen ones and those it gets wrong.
 */
function oneOfEach(free: readonly ExampleId[], { bench, parent }: Site, random: Random, count: number): ExampleId[] {
  const grade = (row: ExampleId): number => bench.book.grade(parent.id, row) ?? 0.5;
  const weight = (row: ExampleId): number => {
    const found = bench.book.result(parent.id, row);
    return found?.type === 'answered' && found.outcome === 'right' ? 1 + (1 - grade(row)) : 0.5;
  };
  const order = random
    .shuffle(free)
    .map((row) => ({ row, key: weight(row) * (0.5 + random.next()) }))
    .sort((a, b) => b.key - a.key)
    .map(({ row }) => row);
  const target = (row: ExampleId): string => bench.example(row).targets[0] ?? '';
  const picked: ExampleId[] = [];
  while (picked.length < count && picked.length < order.length) {
    const used = new Set(picked.map(target));
    const rest = order.filter((row) => !picked.includes(row));
    picked.push(rest.find((row) => !used.has(target(row))) ?? (rest[0] as ExampleId));
  }
  return picked;
}

/** Sentences moved, left out or taken over: small steps that need no generator. */
const edit: Operator = {
  id: 'edit',
  prior: 0.15,
  move(site) {
    const { bench, parent, residents, random, round } = site;
    const { task } = bench.context;
    const instruction = instructionOf(parent);
    const others = residents.filter(({ id }) => id !== parent.id).map(instructionOf);
    const shown = (parent.demos?.examples ?? []).map((row) => demonstrationOf(site, row));
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

/** Only where many answers cannot be read, or come in a form that does not count. */
const format: Operator = {
  id: 'format',
  prior: 0,
  move(site) {
    const { bench, parent } = site;
    const odd = bench.book.rows(parent.id).filter((row) => {
      const found = bench.book.result(parent.id, row);
      return found?.type === 'answered' && found.outcome !== 'right' && found.outcome !== 'wrong';
    });
    const rows = odd.length > 0 ? odd.slice(0, 3) : wrongRows(bench, parent, 3, site.random);
    if (rows.length === 0) return undefined;
    return draftOf(
      site,
      'format',
      [parent],
      [
        `The instruction that is used now:\n${candidateBlock(bench, parent)}`,
        `Answers that do not count, because their form is wrong:\n\n${examplesBlock(bench, parent, rows)}`,
      ],
      'Write a better instruction that makes the model answer in the right form, and in no other words.',
    );
  },
};

/** The same in fewer words: cheaper, and often just as good. */
const compress: Operator = {
  id: 'compress',
  prior: 0.05,
  move(site) {
    if (instructionOf(site.parent).length < 200) return undefined;
    return draftOf(
      site,
      'compress',
      [site.parent],
      [`The instruction that is used now:\n${candidateBlock(site.bench, site.parent)}`],
      'Write the same instruction in two thirds of its words, so that the model behaves the same.',
    );
  },
};

/** A fresh start from labelled rows alone, with no prompt shown (APE's induction). */
const restart: Operator = {
  id: 'restart',
  prior: 0.1,
  move(site) {
    const { bench, random } = site;
    const rows = oneOfEach(
      bench.context.train.map(({ id }) => id),
      site,
      random,
      6,
    );
    return draftOf(
      { ...site, parent: site.parent },
      'restart',
      [],
      [`Inputs with their right answers:\n\n${pairsBlock(bench, rows)}`],
      'Find out what the right answers have in common, and write an instruction that leads to them.',
    );
  },
};

/** A template that was not tried yet. */
const template: Operator = {
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

export const operators = { reflect, contrast, merge, demos, edit, format, compress, restart, template } as const;
export type OperatorId = keyof typeof operators;
