import { instructionOf, type Candidate } from '#core/prompt.ts';
import { fillMetaPrompt } from '../parts/fill-meta-prompt.ts';
import { frameOf } from '../parts/frame.ts';
import { ideas, warnOfMistakes } from '../parts/ideas.ts';
import type { Draft } from '../parts/proposals.ts';
import type { Workbench } from '../parts/workbench.ts';
import {
  bestAndWorst,
  candidateBlock,
  confusionsBlock,
  examplesBlock,
  pairsBlock,
  uncertainRows,
  wonRows,
  wrongRows,
} from './evidence.ts';
import { oneOfEach, type Move, type Operator, type Site } from './site.ts';

/** Operators that ask the generator. */

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
          idea: ideaFor(operator, site),
        }),
      },
    ],
    request,
    ...(operator === 'restart' ? {} : { instead: () => (site.composes() ? undefined : afresh(site)) }),
  },
});

/** These say in what way to write themselves. */
const withoutIdea: ReadonlySet<string> = new Set(['compress', 'format']);

/** A fresh start shows no answers of a model, so it shows no mistakes either. */
function ideaFor(operator: string, { random }: Site): string {
  if (withoutIdea.has(operator)) return '';
  return random.pick(operator === 'restart' ? ideas.filter((idea) => idea !== warnOfMistakes) : ideas);
}

/** A generator that is shown a prompt may copy it word for word; one that is shown none cannot. */
function afresh(site: Site): Draft | undefined {
  const move = restart.move({ ...site, random: site.random.fork('afresh') });
  return move && 'draft' in move ? move.draft : undefined;
}

/** Where it is shown one instruction alone, a small generator copies it unless it is told not to (docs/optimizers.md). */
const another = 'Now write another instruction, in other words, with which the model';

/** Reflection on mistakes (GEPA). Another prompt that got one of them right does not stand beside it: no more was won so (docs/optimizers.md). */
export const reflect: Operator = {
  id: 'reflect',
  prior: 0.4,
  move(site) {
    const { bench, parent, random } = site;
    const wrong = wrongRows(bench, parent, 3, random);
    const shown = wrong.length > 0 ? wrong : uncertainRows(bench, parent, 3);
    if (shown.length === 0) return undefined;
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
      ],
      wrong.length > 0
        ? `${another} gives the right answer to these inputs too.`
        : `${another} is sure of its answers.`,
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

/** Rows of the best prompt that a contrast shows, as in the origin. */
const shownExamples = 10;

/** The origin's meta prompt: the best and the worst prompts side by side, with examples. */
export const contrast: Operator = {
  id: 'contrast',
  prior: 0.2,
  move(site) {
    const { bench, random } = site;
    const order = byEstimate(site);
    if (order.length < 2) return undefined;
    // those that are kept held their own on many rows; one that was lucky on three must not stand before them
    const good = [...new Set([...site.residents, ...order])].slice(0, Math.min(3, Math.ceil(order.length / 2)));
    const bad = order.filter((candidate) => !good.includes(candidate)).slice(-2);
    const best = good[0] ?? site.parent;
    return draftOf(
      site,
      'contrast',
      good,
      [
        `The best instructions so far. Do more of what they do right:\n${good.map((candidate) => candidateBlock(bench, candidate)).join('\n\n')}`,
        `The worst instructions so far. Do nothing of what they do:\n${bad.map((candidate) => candidateBlock(bench, candidate)).join('\n\n')}`,
        `Some inputs, with the answer that the best instruction led to:\n\n${examplesBlock(bench, best, bestAndWorst(bench, best, shownExamples, random))}`,
      ],
      'Now write one new instruction with which the model gives the right answer to every input.',
    );
  },
};

/** Two prompts that are good on different rows, joined by the generator (GEPA's merge, EvoPrompt's crossover). */
export const merge: Operator = {
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
      'Now write one new instruction that joins what A and B each do well.',
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

/** Only where many answers cannot be read, or come in a form that does not count. */
export const format: Operator = {
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
      `Now write one new instruction that makes the model answer in the right form, and in ${
        bench.context.task.reading ? 'the right place' : 'no other words'
      }.`,
    );
  },
};

/** The same in fewer words: cheaper, and often just as good. */
export const compress: Operator = {
  id: 'compress',
  prior: 0.05,
  move(site) {
    if (instructionOf(site.parent).length < 200) return undefined;
    return draftOf(
      site,
      'compress',
      [site.parent],
      [`The instruction that is used now:\n${candidateBlock(site.bench, site.parent)}`],
      'Now write the same instruction in two thirds of its words, so that the model behaves the same.',
    );
  },
};

/** A fresh start from labelled rows alone, with no prompt shown (APE's induction). */
export const restart: Operator = {
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
      site,
      'restart',
      [],
      [`Inputs with their right answers:\n\n${pairsBlock(bench, rows)}`],
      'Now write one new instruction with which the model gives the right answer to every input.',
    );
  },
};
