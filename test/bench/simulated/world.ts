import { createRandom, type Random } from '#lib/random.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { CallKey, ExampleId } from '#core/id.ts';
import type { GeneratedText, GenerateJob } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { readBrief } from '#providers/simulated/brief.ts';

/**
 * A world without a language model: a prompt is a number (how good it is), a row is a number (how easy it is), and an answer is right when
 * their sum and a taste of prompt and row is above zero. New prompts inherit from what the generator was shown. Every optimizer runs in it
 * unchanged, so it compares what they do with the same proposals, not how well they word their requests.
 */
export type WorldSpec = {
  readonly id: string;
  /** What a child is worse by on average, in units of the margin. */
  readonly drift: number;
  readonly sd: number;
  /** How much harder each step up is than the one before. */
  readonly diminishing: number;
  /** Shares of children that leap ahead, and that are a disaster. */
  readonly jumps: number;
  readonly disasters: number;
  /** Spread of the starting prompts, and the margin of their centre. */
  readonly seedSd: number;
  readonly seedCentre: number;
  /** How much of a prompt's taste for rows a child keeps, 0…1. */
  readonly inheritance: number;
  /** Spread of how sure prompts are of themselves (log-normal). */
  readonly temperatureSd: number;
  /** Kinds of rows, each with an ability of its own; an edit helps one of them. */
  readonly skills: number;
  /** All prompts are equal: nothing can be found. */
  readonly isNull?: true;
  /** Share of texts in which the generator writes again what it was shown, as small ones do. */
  readonly copies?: number;
};

const base: WorldSpec = {
  id: 'base',
  drift: -0.15,
  sd: 0.35,
  diminishing: 0.12,
  jumps: 0.08,
  disasters: 0.08,
  seedSd: 0.5,
  seedCentre: 0.31,
  inheritance: 0.6,
  temperatureSd: 0.5,
  skills: 1,
};
export const worlds: readonly WorldSpec[] = [
  base,
  { ...base, id: 'few jumps', drift: -0.1, sd: 0.3, diminishing: 0.3, jumps: 0.03 },
  { ...base, id: 'hard', drift: -0.25, sd: 0.25, diminishing: 0.3, jumps: 0.02 },
  { ...base, id: 'unlike children', diminishing: 0.3, jumps: 0.03, inheritance: 0.2 },
  { ...base, id: 'wide start', drift: -0.2, diminishing: 0.2, jumps: 0.03, seedSd: 1 },
  { ...base, id: 'odd confidence', diminishing: 0.3, jumps: 0.03, temperatureSd: 1.2 },
  { ...base, id: 'many skills', skills: 5 },
];
export const nullWorld: WorldSpec = { ...base, id: 'all equal', isNull: true };

/** Brought to this spread: parents that are kin have tastes alike, and their child's would grow, while `truth` reckons with one spread for all. */
function ofSd(sd: number, values: Float64Array): Float64Array {
  const own = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, values.length));
  return own > 0 ? values.map((value) => (value * sd) / own) : values;
}

/** Spread of the rows, and of the taste of a prompt for a row. */
const rowSd = 2.29;
const tasteSd = 1;
/** Spread of what worked examples change. */
const demoSd = 0.3;

type Latent = {
  /** Ability in each skill. */
  readonly abilities: readonly number[];
  readonly taste: Float64Array;
  readonly sureness: number;
};

const words = [
  'amber',
  'basil',
  'cedar',
  'delta',
  'ember',
  'fjord',
  'grove',
  'heron',
  'inlet',
  'jasper',
  'kelp',
  'lotus',
];

/** What a game is played in. */
export interface PlayWorld {
  readonly examples: readonly Example[];
  readonly seeds: readonly string[];
  /** The answer of the world's model to one row under one prompt. */
  result(candidate: Candidate, example: ExampleId): ExampleResult;
  /** True accuracy of a prompt, 0…1. */
  truth(candidate: Candidate): number;
  /** What the world's generator writes: a child of the prompts that it was shown, of the better ones as a rule; else something new. */
  write(job: GenerateJob): GeneratedText;
}

/** An answer as the searches get it. */
export const answered = (outcome: 'right' | 'wrong', crossEntropy: AnsweredResult['crossEntropy']): ExampleResult => ({
  type: 'answered',
  outcome,
  answer: '',
  crossEntropy,
  usage: { inputTokens: 1, outputTokens: 1 },
  latencyMs: 0,
  attempts: 1,
  call: 'call' as CallKey,
});
type AnsweredResult = Extract<ExampleResult, { type: 'answered' }>;

/** The name of the prompt in a text. */
export const nameIn = (text: string): string | undefined => /\bzq\d+\b/.exec(text)?.[0];

/** A prompt of this name, in words that no other has. */
export const textFor = (name: string, random: Random): string =>
  `Follow ${name} with ${random.sample(words, 5).join(' ')} now.`;

/**
 * The prompts that a request wants a child of: both of a crossing, else one of those that were shown, mostly the best of them.
 * Undefined: it asks for no prompt.
 */
export function parentsIn(
  { messages }: GenerateJob,
  isKnown: (name: string) => boolean,
  random: Random,
): readonly string[] | undefined {
  const text = textOf(messages);
  if (!text.includes('<prompt>')) return undefined;
  const names = [...new Set([...text.matchAll(/\bzq\d+\b/g)].map(([name]) => name))].filter(isKnown);
  const shown = readBrief(text, undefined).shown.flatMap(({ text: quoted, score }) => {
    const name = nameIn(quoted);
    return name !== undefined && score !== undefined && isKnown(name) ? [{ name, score }] : [];
  });
  const byScore = [...shown].sort((a, b) => b.score - a.score);
  const draw = random.next();
  const best = byScore[draw < 0.7 ? 0 : draw < 0.9 ? 1 : 2] ?? byScore[0];
  if (/\bjoin|combine|merge|cross(?! entrop)/i.test(text)) return names.slice(0, 2);
  return best ? [best.name] : names.slice(0, 1);
}

const textOf = (messages: GenerateJob['messages']): string => messages.map(({ content }) => content).join('\n');

/** Where no prompt is wanted. */
export const noteOn = ({ messages }: GenerateJob): GeneratedText => ({
  text: `It should be clearer. ${textOf(messages).slice(0, 200)}`,
  finish: 'stop',
});

export class World implements PlayWorld {
  readonly spec: WorldSpec;
  readonly examples: readonly Example[];
  readonly seeds: readonly string[];
  #random: Random;
  readonly #easiness: Float64Array;
  readonly #index = new Map<ExampleId, number>();
  readonly #latents = new Map<string, Latent>();
  readonly #texts = new Map<string, string>();
  readonly #composed = new Map<string, Latent>();
  #count = 0;
  #spare: number | undefined;

  constructor(spec: WorldSpec, seed: number | string, rows: number, seeds = 4) {
    this.spec = spec;
    // a stream for each purpose, so that searches with different numbers of rows begin with the same prompts
    const stream = (purpose: string): Random => createRandom(`${seed}/${spec.id}/${purpose}`);
    this.#random = stream('rows');
    this.#easiness = Float64Array.from({ length: rows }, () => rowSd * this.#normal());
    this.examples = Array.from({ length: rows }, (_, index) => {
      const id = `row ${index}` as ExampleId;
      this.#index.set(id, index);
      return { id, inputs: { text: `case ${index}` }, targets: [index % 2 === 0 ? 'yes' : 'no'] };
    });
    this.seeds = Array.from({ length: seeds }, (_, index) => {
      [this.#random, this.#spare] = [stream(`start ${index}`), undefined];
      return this.#named(this.#fresh());
    });
    [this.#random, this.#spare] = [stream('children'), undefined];
  }

  /** The answer of the world's model to one row under one prompt. */
  result(candidate: Candidate, example: ExampleId): ExampleResult {
    const latent = this.#latentOf(candidate);
    const row = this.#index.get(example) ?? 0;
    const margin = this.#ability(latent, row) + (this.#easiness[row] ?? 0) + (latent.taste[row] ?? 0);
    const p = 1 / (1 + Math.exp(-1.2 * latent.sureness * margin));
    const value = -Math.log(Math.max(1e-9, p));
    return answered(margin > 0 ? 'right' : 'wrong', { type: 'scored', value, bound: 'exact' });
  }

  /** Share of all rows of such a world that the prompt gets right. */
  truth(candidate: Candidate): number {
    const { abilities } = this.#latentOf(candidate);
    return abilities.reduce((sum, ability) => sum + phi(ability / Math.hypot(rowSd, tasteSd)), 0) / abilities.length;
  }

  /** What the world's generator writes: a child of the prompts that it was shown, of the better ones as a rule; else something new. */
  write(job: GenerateJob): GeneratedText {
    const parents = parentsIn(job, (name) => this.#latents.has(name), this.#random);
    if (!parents) return noteOn(job);
    const { copies = 0 } = this.spec;
    const shownText = this.#texts.get(parents[0] ?? '');
    const isCopy = shownText !== undefined && copies > 0 && this.#random.next() < copies;
    return { text: `<prompt>${isCopy ? shownText : this.#named(this.#child(parents))}</prompt>`, finish: 'stop' };
  }

  #child(parents: readonly string[]): Latent {
    const [first, second] = parents.map((name) => this.#latents.get(name));
    if (!first || this.spec.isNull) return this.#fresh();
    const mixed = second
      ? first.abilities.map((ability, i) => (ability + (second.abilities[i] ?? ability)) / 2)
      : first.abilities;
    const { inheritance, skills } = this.spec;
    const kept = second ? inheritance / Math.SQRT2 : inheritance;
    const fresh = Math.sqrt(1 - inheritance ** 2);
    return {
      abilities: skills > 1 ? this.#editOne(mixed) : mixed.map((ability) => ability + this.#step(ability)),
      taste: ofSd(
        tasteSd,
        first.taste.map(
          (value, i) => kept * value + (second ? kept * (second.taste[i] ?? 0) : 0) + fresh * tasteSd * this.#normal(),
        ),
      ),
      sureness: Math.exp(this.spec.temperatureSd * this.#normal()),
    };
  }

  #step(ability: number): number {
    const { drift, sd, diminishing, jumps, disasters, seedCentre } = this.spec;
    let step = drift + sd * this.#normal() - diminishing * Math.max(0, ability - seedCentre);
    if (this.#random.next() < jumps) step += Math.abs(this.#normal());
    if (this.#random.next() < disasters) step -= 2 * Math.abs(this.#normal());
    return step;
  }

  /** An edit aims at a kind of row that often fails, and costs the others a little. */
  #editOne(abilities: readonly number[]): number[] {
    const failing = abilities.map((ability) => 1 - phi(ability / Math.hypot(rowSd, tasteSd)));
    let left = this.#random.next() * failing.reduce((sum, share) => sum + share, 0);
    const aim = failing.findIndex((share) => (left -= share) < 0);
    return abilities.map((ability, i) =>
      i === aim
        ? ability + 0.35 + 0.7 * this.#normal() - 0.2 * Math.max(0, ability - this.spec.seedCentre)
        : ability - 0.1 + 0.2 * this.#normal(),
    );
  }

  #fresh(): Latent {
    const { seedCentre, seedSd, skills, temperatureSd, isNull } = this.spec;
    const level = seedCentre + (isNull ? 0 : seedSd * this.#normal());
    return {
      abilities: Array.from({ length: skills }, () => level + (skills > 1 ? 0.6 * this.#normal() : 0)),
      taste: this.#easiness.map(() => tasteSd * this.#normal()),
      sureness: Math.exp(temperatureSd * this.#normal()),
    };
  }

  #named(latent: Latent): string {
    const name = `zq${++this.#count}`;
    this.#latents.set(name, latent);
    const text = textFor(name, this.#random);
    this.#texts.set(name, text);
    return text;
  }

  #latentOf(candidate: Candidate): Latent {
    const instruction = instructionOf(candidate);
    const name = nameIn(instruction) ?? instruction;
    const plain = this.#latents.get(name) ?? this.#fresh();
    this.#latents.set(name, plain);
    if (!candidate.demos) return plain;
    const known = this.#composed.get(candidate.id) ?? this.#withDemos(plain);
    this.#composed.set(candidate.id, known);
    return known;
  }

  /** Worked examples change a prompt as an edit does: for the better or the worse. */
  #withDemos({ abilities, taste, sureness }: Latent): Latent {
    const change = this.spec.isNull ? 0 : demoSd * this.#normal();
    return {
      abilities: abilities.map((ability) => ability + change),
      taste: taste.map((value) => 0.8 * value + 0.6 * tasteSd * this.#normal()),
      sureness,
    };
  }

  #ability({ abilities }: Latent, row: number): number {
    return abilities[row % abilities.length] ?? 0;
  }

  #normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    const angle = 2 * Math.PI * this.#random.next();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Cumulative distribution of the standard normal, error below 8e-8 (Abramowitz and Stegun 26.2.17). */
export function phi(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    ((((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.31938153) *
    t *
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
  return x >= 0 ? 1 - tail : tail;
}
