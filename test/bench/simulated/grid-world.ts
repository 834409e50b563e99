import { createRandom, type Random } from '#lib/random.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { GeneratedText, GenerateJob } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { answered, nameIn, noteOn, parentsIn, textFor, type PlayWorld } from './world.ts';

/** What prompts of real runs got right on the same rows of a task, as `npm run bench:optimizers -- --grid` keeps it. */
export type Grid = {
  readonly id: string;
  readonly rows: number;
  readonly prompts: readonly {
    readonly kind: 'start' | 'template' | 'written';
    /** Places of the prompts that it was written from. */
    readonly parents: readonly number[];
    /** A digit for each row: 1 is right. */
    readonly right: string;
    /** Of the right answer, in nats; negative: at least so much, null: not known. */
    readonly crossEntropy: readonly (number | null)[];
  }[];
  /** Whether the templates are among the prompts that a search begins with. */
  readonly withTemplates: boolean;
};

/** Prompts among the most alike that a child is drawn from. */
const kin = 5;

/**
 * A world whose answers are a real model's: the prompts are those of real runs, and each was asked about every row. The generator is not
 * real: a child is a prompt that was not there yet, one that answers much like its parent as often as children did in those runs. Worked
 * examples change nothing here. What it can tell is how a search finds the best of such prompts, not how well it has them written.
 */
export class GridWorld implements PlayWorld {
  readonly examples: readonly Example[];
  readonly seeds: readonly string[];
  readonly #grid: Grid;
  readonly #random: Random;
  /** Place in the grid of each row. */
  readonly #places = new Map<ExampleId, number>();
  readonly #names = new Map<string, number>();
  readonly #texts: readonly string[];
  readonly #unseen: Set<number>;
  readonly #test: readonly number[];
  readonly #kinShare: number;

  /** @param rows of each part; they are drawn anew for each seed, and what a prompt is worth is its share on those of the test. */
  constructor(grid: Grid, seed: number | string, rows: { train: number; validation: number; test: number }) {
    this.#grid = grid;
    const all = rows.train + rows.validation + rows.test;
    if (all > grid.rows) throw new RangeError(`The grid ${grid.id} has ${grid.rows} rows, not ${all}.`);
    const order = createRandom(`${seed}/${grid.id}/rows`).shuffle([...Array(grid.rows).keys()]);
    this.examples = order.slice(0, all).map((place, index) => {
      const id = `row ${place}` as ExampleId;
      this.#places.set(id, place);
      return { id, inputs: { text: `case ${place}` }, targets: [index % 2 === 0 ? 'yes' : 'no'] };
    });
    this.#test = order.slice(rows.train + rows.validation, all);
    this.#random = createRandom(`${seed}/${grid.id}/children`);
    const words = this.#random.fork('words');
    this.#texts = grid.prompts.map((_, place) => textFor(`zq${place + 1}`, words));
    for (const place of grid.prompts.keys()) this.#names.set(`zq${place + 1}`, place);
    const isSeed = ({ kind }: Grid['prompts'][number]): boolean =>
      kind === 'start' || (kind === 'template' && grid.withTemplates);
    this.seeds = this.#texts.filter((_, place) => isSeed(this.#prompt(place)));
    this.#unseen = new Set([...grid.prompts.keys()].filter((place) => this.#prompt(place).kind === 'written'));
    this.#kinShare = kinShareOf(grid);
  }

  result(candidate: Candidate, example: ExampleId): ExampleResult {
    const { right, crossEntropy } = this.#prompt(this.#placeOf(candidate));
    const place = this.#places.get(example) ?? 0;
    const value = crossEntropy[place];
    return answered(
      right[place] === '1' ? 'right' : 'wrong',
      typeof value === 'number'
        ? { type: 'scored', value: Math.abs(value), bound: value < 0 ? 'at-least' : 'exact' }
        : { type: 'unscored', reason: 'no-answer' },
    );
  }

  truth(candidate: Candidate): number {
    const { right } = this.#prompt(this.#placeOf(candidate));
    return this.#test.filter((place) => right[place] === '1').length / Math.max(1, this.#test.length);
  }

  write(job: GenerateJob): GeneratedText {
    const parents = parentsIn(job, (name) => this.#names.has(name), this.#random);
    if (!parents) return noteOn(job);
    const parent = this.#names.get(parents[0] ?? '');
    const unseen = [...this.#unseen];
    const drawn = this.#random.next();
    const alike =
      parent !== undefined && drawn < this.#kinShare
        ? unseen.sort((a, b) => unlike(this.#grid, parent, a) - unlike(this.#grid, parent, b)).slice(0, kin)
        : unseen;
    // all were there: a generator that has nothing new to say repeats itself
    const child = alike.length > 0 ? this.#random.pick(alike) : (parent ?? 0);
    this.#unseen.delete(child);
    return { text: `<prompt>${this.#texts[child] ?? ''}</prompt>`, finish: 'stop' };
  }

  #placeOf(candidate: Candidate): number {
    return this.#names.get(nameIn(instructionOf(candidate)) ?? '') ?? 0;
  }

  #prompt(place: number): Grid['prompts'][number] {
    const prompt = this.#grid.prompts[place];
    if (!prompt) throw new Error(`Bug: no prompt at ${place}`);
    return prompt;
  }
}

/** Share of the rows that one of the two gets right and the other does not. */
export function unlike({ prompts, rows }: Grid, a: number, b: number): number {
  const [mine, theirs] = [prompts[a]?.right ?? '', prompts[b]?.right ?? ''];
  let count = 0;
  for (let row = 0; row < rows; row++) if (mine[row] !== theirs[row]) count += 1;
  return count / rows;
}

/**
 * How often a child has to be drawn from the kin of its parent, so that children are as unlike their parents as they were in the real
 * runs: 0 where they were as unlike as any two prompts, 1 where they were as alike as the most alike ones.
 */
export function kinShareOf(grid: Grid): number {
  const known = shares.get(grid.prompts);
  if (known !== undefined) return known;
  const written = [...grid.prompts.keys()].filter((place) => grid.prompts[place]?.kind === 'written');
  const pairs = written.flatMap((child) => (grid.prompts[child]?.parents ?? []).map((parent) => ({ child, parent })));
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const real = pairs.map(({ child, parent }) => unlike(grid, parent, child));
  const others = pairs.map(({ parent }) =>
    written
      .filter((place) => place !== parent)
      .map((place) => unlike(grid, parent, place))
      .sort((a, b) => a - b),
  );
  const [anyone, nearest] = [mean(others.map(mean)), mean(others.map((list) => mean(list.slice(0, kin))))];
  const share = pairs.length === 0 || anyone === nearest ? 0 : (anyone - mean(real)) / (anyone - nearest);
  const found = Math.min(1, Math.max(0, share));
  shares.set(grid.prompts, found);
  return found;
}

const shares = new WeakMap<Grid['prompts'], number>();
