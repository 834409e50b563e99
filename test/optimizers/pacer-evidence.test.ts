import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { Candidate } from '#core/prompt.ts';
import { candidateBlock, wonRows, wrongRows } from '#optimizers/pacer/evidence.ts';
import { contrast, reflect } from '#optimizers/pacer/written.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { makeDataset } from '../support/builders.ts';
import { answered, failedResult, makeWorld, startOf } from './by-hand.ts';
import { pacer } from '#optimizers/pacer.ts';

const seeds = Array.from({ length: 7 }, (_, index) => startOf(`Say what it is, in way ${index}.`));
const { examples } = makeDataset(20);

/** A workbench whose book knows every seed on every row. */
function benchOf(result: (candidate: Candidate, example: Example) => ExampleResult): Workbench {
  const { context } = makeWorld(pacer, { context: { seeds, train: examples } });
  const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
  const byId = new Map(examples.map((example) => [example.id, example]));
  const ids = new Map(seeds.map((seed) => [seed.id, seed]));
  bench.book.record(
    seeds,
    examples.map(({ id }) => id),
    (candidate, row) => {
      const [seed, example] = [ids.get(candidate), byId.get(row)];
      return seed && example ? result(seed, example) : undefined;
    },
  );
  return bench;
}
const [first] = seeds as [Candidate];
const place = ({ id }: Example): number => examples.findIndex((example) => example.id === id);
const unlikely = -Math.log(0.01);
const shownIn = (bench: Workbench): ReadonlySet<string> =>
  new Set([1, 2, 3, 4].flatMap((seed) => wrongRows(bench, first, 10, createRandom(seed))));

describe('what the generator is shown', () => {
  it('leaves out rows that every prompt gets wrong and holds to be so: their labels may be wrong', () => {
    const bench = benchOf((seed, example) => {
      if (place(example) < 2) return answered('wrong', unlikely);
      if (place(example) === 2) return answered('wrong', place(example) === 2 && seed === first ? 0.7 : 1);
      return seed === first && place(example) < 6 ? answered('wrong', unlikely) : answered('right', 0.1);
    });
    expect(shownIn(bench)).toEqual(new Set(examples.slice(2, 6).map(({ id }) => id)));
  });

  it('shows them where they are many: then all prompts have the same fault', () => {
    const bench = benchOf((_, example) => (place(example) < 12 ? answered('wrong', unlikely) : answered('right', 0.1)));
    expect(shownIn(bench).size).toBe(12);
  });

  it('calls no row lost that failed', () => {
    const [, second] = seeds as [Candidate, Candidate];
    const bench = benchOf((seed, example) => {
      if (seed === first && place(example) < 3) return failedResult;
      return answered(seed === first && place(example) === 3 ? 'wrong' : 'right', 0.1);
    });
    expect(wonRows(bench, second, first, 10, createRandom(1))).toEqual([examples[3]?.id]);
  });

  it('says on how many rows a score rests', () => {
    const bench = benchOf((_, example) => (place(example) < 5 ? answered('right', 0.1) : answered('wrong', 2)));
    expect(candidateBlock(bench, first)).toContain('5 of 20 answers (25 %) were right');
  });

  it('puts what is kept before what was lucky on three rows, with its mistakes and what it is surest of', () => {
    const { context } = makeWorld(pacer, { context: { seeds, train: examples } });
    const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
    const rows = examples.map(({ id }) => id);
    const lucky = seeds[1] as Candidate;
    bench.book.record([first], rows, (_, row) =>
      answered(rows.indexOf(row) % 4 === 0 ? 'wrong' : 'right', 0.2 + rows.indexOf(row) / 100),
    );
    bench.book.record([lucky], rows.slice(0, 3), () => answered('right', 0.01));
    const move = contrast.move({
      ...{ bench, parent: first, residents: [first], round: 1, random: createRandom(1), metaPrompt: '{{evidence}}' },
      ...{ mostDemonstrations: 0, templates: [], composes: () => false },
    });
    const text = move && 'draft' in move ? (move.draft.messages[0]?.content ?? '') : '';
    const at = (words: string): number => text.indexOf(words);
    expect(at('15 of 20 answers')).toBeGreaterThan(0);
    expect(at('15 of 20 answers')).toBeLessThan(at('3 of 3 answers'));
    expect(text.split('(wrong').length - 1).toBe(5);
    expect(text.split('(right').length - 1).toBe(5);
    expect(text).toContain('(right, cross entropy 0.21)');
    expect(text).not.toContain('(right, cross entropy 0.39)');
  });

  it('reflects on one prompt: another one, even where it got a wrong row right, is not shown', () => {
    const early = new Set(examples.slice(0, 5).map(({ id }) => id));
    const bench = benchOf((candidate, { id }) =>
      answered(candidate.id === seeds[0]?.id && early.has(id) ? 'wrong' : 'right', 0.2),
    );
    const [parent, ...others] = seeds as [Candidate, ...Candidate[]];
    const move = reflect.move({
      ...{ bench, parent, residents: seeds, round: 1, random: createRandom(1), metaPrompt: '{{evidence}}{{request}}' },
      ...{ mostDemonstrations: 0, templates: [], composes: () => false },
    });
    const text = move && 'draft' in move ? (move.draft.messages[0]?.content ?? '') : '';
    expect(text).toContain(parent.prompt);
    expect(others.some(({ prompt }) => text.includes(prompt))).toBe(false);
    expect(text).toContain('Now write another instruction, in other words');
  });
});
