import { describe, expect, test } from 'vitest';
import { splits, type Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import { defaultSizes, distinctExamples, splitExamples } from '#core/split.ts';
import { createRandom, type Random } from '#lib/random.ts';

const exampleOf = (text: string, target: string, repeat = 0): Example => {
  const content = { inputs: { text }, targets: [target] };
  return { id: exampleId(content, repeat), ...content };
};

/** Examples with labels of uneven frequency; `repeats` of them are said twice. */
function examplesOf(random: Random, n: number, labels: number, repeats = 0): readonly Example[] {
  const plain = Array.from({ length: n }, (_, i) =>
    exampleOf(`text ${i}`, `label ${Math.min(random.integer(labels), random.integer(labels))}`),
  );
  return [
    ...plain,
    ...plain.slice(0, repeats).map(({ inputs, targets }) => exampleOf(inputs['text'] ?? '', targets[0] ?? '', 1)),
  ];
}

const seeds = Array.from({ length: 80 }, (_, seed) => seed);

describe('default sizes', () => {
  test.each([
    [0, 0, 0, 0],
    [1, 1, 0, 0],
    [2, 1, 1, 0],
    [3, 1, 1, 1],
    [10, 3, 3, 4],
    [30, 9, 9, 12],
    [156, 47, 47, 62],
    [200, 60, 60, 80],
    [320, 60, 60, 200],
    [5000, 60, 60, 200],
  ])('%i rows: %i to train, %i to choose, %i to test', (n, train, validation, test) => {
    expect(defaultSizes(n)).toEqual({ train, validation, test });
  });
});

describe('a split', () => {
  test('has the asked sizes, and no example twice', () => {
    for (const seed of seeds) {
      const random = createRandom(`sizes ${seed}`);
      const examples = examplesOf(random, 5 + random.integer(300), 1 + random.integer(8));
      const sizes = defaultSizes(examples.length);
      const split = splitExamples(examples, { seed, ...sizes });
      for (const name of splits) expect(split[name], `seed ${seed}`).toHaveLength(sizes[name]);
      const all = splits.flatMap((name) => split[name]);
      expect(new Set(all).size).toBe(all.length);
    }
  });

  test('uses of rows that are equal word for word one, in whatever order they come', () => {
    for (const seed of seeds) {
      const random = createRandom(`copies ${seed}`);
      const plain = examplesOf(random, 5 + random.integer(60), 3);
      const copies = plain.flatMap(({ inputs, targets }) =>
        Array.from({ length: random.integer(4) }, (_, k) => exampleOf(inputs['text'] ?? '', targets[0] ?? '', k + 1)),
      );
      const all = random.shuffle([...plain, ...copies]);
      const distinct = distinctExamples(all);
      expect(distinct).toHaveLength(plain.length);
      const sizes = defaultSizes(plain.length);
      const split = splitExamples(all, { seed, ...sizes });
      const textOf = new Map(all.map(({ id, inputs }) => [id, inputs['text']]));
      const texts = splits.flatMap((name) => split[name]).map((id) => textOf.get(id));
      expect(new Set(texts).size).toBe(texts.length);
      for (const name of splits) expect(split[name]).toHaveLength(sizes[name]);
      expect(splitExamples(distinct, { seed, ...sizes })).toEqual(split);
    }
  });

  test('uses every example when that is asked', () => {
    for (const seed of seeds) {
      const random = createRandom(`complete ${seed}`);
      const examples = examplesOf(random, 40, 3);
      const n = examples.length;
      const split = splitExamples(examples, { seed, train: 10, validation: 10, test: n - 20 });
      expect(splits.flatMap((name) => split[name]).sort()).toEqual(examples.map(({ id }) => id).sort());
    }
  });

  test('keeps the share of each label within one row', () => {
    for (const seed of seeds) {
      const random = createRandom(`labels ${seed}`);
      const examples = examplesOf(random, 30 + random.integer(300), 2 + random.integer(6));
      const sizes = { train: random.integer(20), validation: random.integer(20), test: random.integer(40) };
      const split = splitExamples(examples, { seed, ...sizes });
      for (const label of new Set(examples.map(({ targets }) => targets[0]))) {
        const ids = new Set(examples.filter(({ targets }) => targets[0] === label).map(({ id }) => id));
        for (const name of splits) {
          const share = (ids.size * split[name].length) / examples.length;
          const count = split[name].filter((id) => ids.has(id)).length;
          expect(Math.abs(count - share), `seed ${seed}, ${name}, ${label ?? ''}`).toBeLessThan(1);
        }
      }
    }
  });

  test('is the same for the same seed in any order of the rows, and another for another seed', () => {
    const random = createRandom('order');
    const examples = examplesOf(random, 120, 4, 15);
    const sizes = defaultSizes(examples.length);
    const split = splitExamples(examples, { seed: 7, ...sizes });
    for (const _ of seeds) expect(splitExamples(random.shuffle(examples), { seed: 7, ...sizes })).toEqual(split);
    expect(splitExamples(examples, { seed: 8, ...sizes })).not.toEqual(split);
  });

  test('never parts rows with the same input, even where their answers differ', () => {
    for (const seed of seeds) {
      const random = createRandom(`equal ${seed}`);
      const examples = [
        ...examplesOf(random, 60, 3, 20),
        ...seeds.slice(0, 10).map((i) => exampleOf(`text ${i}`, 'another')),
      ];
      const split = splitExamples(examples, { seed, ...defaultSizes(examples.length) });
      const home = new Map<string, string>();
      const textOf = new Map(examples.map(({ id, inputs }) => [id, inputs['text'] ?? '']));
      for (const name of splits)
        for (const id of split[name]) {
          const text = textOf.get(id) ?? '';
          expect(home.get(text) ?? name, `seed ${seed}`).toBe(name);
          home.set(text, name);
        }
    }
  });

  test('cuts sizes down in proportion where there are not enough rows', () => {
    const examples = examplesOf(createRandom('few'), 20, 1);
    const split = splitExamples(examples, { seed: 1, train: 60, validation: 60, test: 200 });
    expect(splits.map((name) => split[name].length)).toEqual([4, 4, 12]);
    expect(splitExamples([], { seed: 1, train: 1, validation: 1, test: 1 })).toEqual({
      train: [],
      validation: [],
      test: [],
    });
  });
});
