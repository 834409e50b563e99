import { createRandom, type Random } from '#lib/random.ts';
import type { Outcome } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import { candidateId, runId, type CandidateId, type ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { RunSpec } from '#core/run.ts';
import { makeDataset, task } from './builders.ts';
import { HandMadeRun, start } from './hand-made-run.ts';

/**
 * A run in the manner of a racing optimizer, with every fact that one can announce: rungs, judgements, an archive that changes,
 * operators. Made up from a seed, without engine or model: prompts have a skill, rows a difficulty.
 */

export type RaceRunOptions = {
  readonly seed?: number;
  readonly rounds?: number;
  /** New prompts of one round. */
  readonly proposals?: number;
  readonly train?: number;
  readonly test?: number;
  /** Stops in the middle of the last round, as a page sees a run that goes on. */
  readonly going?: boolean;
  readonly over?: Partial<RunSpec>;
};

const operators = ['reflect', 'contrast', 'merge', 'demos', 'format', 'compress', 'restart'] as const;
const reasons: Readonly<Record<string, string>> = {
  reflect: 'Names the mistake that was made most often.',
  contrast: 'Says what sets the good prompts apart.',
  merge: 'Takes one rule from each of two prompts.',
  demos: 'Shows two rows that the best prompt answers right.',
  format: 'Asks for the word alone.',
  compress: 'Says the same in fewer words.',
  restart: 'Starts afresh from six rows.',
};
const openings = [
  'Read the message of a customer.',
  'You sort the post of a shop.',
  'Decide what the writer of this message wants.',
  'Here is a message.',
];
const cues = [
  'Thanks without a request',
  'A broken thing',
  'A question mark at the end',
  'Asking for help with a fault',
  'An order number alone',
  'A wish for the future',
  'A friendly greeting',
  'A word in capitals',
  'A comparison with another shop',
  'A second order',
  'The name of a colour',
  'An apology of the writer',
];
const rules = ['praise', 'complaint', 'question'].flatMap((label) => cues.map((cue) => `${cue} speaks for ${label}.`));
const endings = ['Answer praise, complaint or question.', 'Answer with that one word and nothing else.', 'Say which.'];

/** What this little world knows of a prompt. */
type Made = { readonly candidate: Candidate; readonly parts: readonly string[]; readonly skill: number };

class RaceRun {
  readonly run: HandMadeRun;
  readonly #random: Random;
  readonly #difficulty: ReadonlyMap<ExampleId, number>;
  readonly #seen = new Map<CandidateId, Map<ExampleId, number>>();
  readonly #tallies = new Map<string, { tried: number; kept: number }>();
  readonly #prompts: Set<string>;
  archive: readonly Made[] = [];

  constructor({ seed = 1, train = 40, test = 40, over = {} }: RaceRunOptions, seeds: readonly string[]) {
    const validation = Math.ceil(train / 2);
    const dataset = makeDataset(train + validation + test);
    const ids = dataset.examples.map(({ id }) => id);
    this.#random = createRandom(seed);
    const split = {
      train: ids.slice(0, train),
      validation: ids.slice(train, train + validation),
      test: ids.slice(-test),
    };
    this.run = new HandMadeRun(
      seeds,
      { id: runId(0, seed), name: 'Customer messages, raced', split, task, seed, budget: { calls: 2000 }, ...over },
      dataset,
    );
    const chance = this.#random.fork('rows');
    this.#difficulty = new Map(ids.map((id) => [id, chance.next()]));
    this.#prompts = new Set(seeds);
  }

  get leader(): Made {
    const [first] = this.archive;
    if (!first) throw new Error('Bug: nobody leads yet');
    return first;
  }

  /** Asks what is not answered yet. @returns the mean over these rows */
  evaluate({ candidate, skill }: Made, split: Split, examples: readonly ExampleId[]): number {
    const seen = this.#seen.get(candidate.id) ?? new Map<ExampleId, number>();
    this.#seen.set(candidate.id, seen);
    for (const [index, id] of examples.entries()) {
      if (seen.has(id) || candidate.demos?.examples.includes(id)) continue;
      const luck = createRandom(`${candidate.id} ${id}`).next();
      const right = skill + (luck - 0.5) * 0.3 > (this.#difficulty.get(id) ?? 0);
      const outcome: Outcome = right ? 'right' : luck > 0.94 ? 'unparsable' : luck < 0.01 ? 'failed' : 'wrong';
      if (outcome !== 'failed') seen.set(id, Number(right));
      this.run.answer(candidate, split, id, outcome, index % 9);
    }
    return this.score(candidate.id, examples).score;
  }

  score(id: CandidateId, examples: readonly ExampleId[]): { readonly score: number; readonly rows: number } {
    const values = examples.flatMap((example) => this.#seen.get(id)?.get(example) ?? []);
    return { score: values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length), rows: values.length };
  }

  /** One rung: the runners on the first rows, the better ones of them go on, if they are good enough. */
  rung(
    round: number,
    rung: number,
    runners: readonly Made[],
    rows: readonly ExampleId[],
    keep: number,
    isGood: (score: number) => boolean = () => true,
  ): readonly Made[] {
    for (const made of runners) this.evaluate(made, 'train', rows);
    const standings = runners
      .map((made) => ({ made, ...this.score(made.candidate.id, rows) }))
      .sort((a, b) => b.score - a.score);
    const next = standings.filter(({ score }, index) => index < keep && isGood(score)).map(({ made }) => made);
    this.run.fact({
      type: 'race-rung',
      round,
      rung,
      rows: rows.length,
      standings: standings.map(({ made, score, rows: seen }) => ({ candidate: made.candidate.id, score, rows: seen })),
      out: standings.flatMap(({ made }) => (next.includes(made) ? [] : made.candidate.id)),
    });
    return next;
  }

  /** What an operator writes from its parents; undefined where it comes up with nothing new, which is announced. */
  propose(round: number, job: number): Made | undefined {
    const operator = this.#random.pick(operators);
    const parents = operator === 'restart' ? [] : this.archive.slice(0, operator === 'merge' ? 2 : 1);
    const [opening = '', ...rest] = parents[0]?.parts ?? [this.#random.pick(openings), this.#random.pick(endings)];
    const body = rest.slice(0, -1);
    const ending = operator === 'format' ? (endings[1] ?? '') : (rest.at(-1) ?? '');
    const parts =
      operator === 'compress'
        ? [opening, ...body.slice(0, -1), ending]
        : operator === 'merge'
          ? [opening, ...new Set([...body, ...(parents[1]?.parts.slice(1, -1) ?? [])]), ending]
          : [opening, ...body, this.#random.pick(rules), ending];
    const prompt = parts.join(' ');
    this.run.writes(round, job, `<prompt>${prompt}</prompt>`);
    if (this.#prompts.has(prompt)) {
      this.run.cameOf(job, {
        type: 'proposal-rejected',
        round,
        text: prompt,
        reason: 'duplicate',
        detail: 'It was there before.',
      });
      return undefined;
    }
    this.#prompts.add(prompt);
    const shown = this.#random.sample(this.run.spec.split.train, 2);
    const whole = operator === 'demos' ? `${prompt}\n\nExamples:\n\n${shown.join('\n')}` : prompt;
    const candidate: Candidate = {
      id: candidateId(whole),
      prompt: whole,
      origin: {
        type: 'proposal',
        round,
        parents: parents.map((parent) => parent.candidate.id),
        operator,
        why: reasons[operator] ?? '',
      },
      ...(operator === 'demos' ? { demos: { instruction: prompt, examples: shown } } : {}),
    };
    this.run.cameOf(job, { type: 'candidate-proposed', candidate, round });
    return {
      candidate,
      parts,
      skill: Math.min(0.97, (parents[0]?.skill ?? 0.45) + (this.#random.next() - 0.45) * 0.25),
    };
  }

  /** The race of one round against the leader: 5, 10, 20, … shared rows. Those that stay in front up to the end are kept. */
  race(round: number, children: readonly Made[], stop = false): void {
    const { leader, run } = this;
    const rows = this.#random.shuffle(run.spec.split.train);
    let alive = children;
    for (let rung = 1, size = 5; ; rung += 1, size *= 2) {
      const ids = rows.slice(0, Math.min(size, rows.length));
      if (stop && rung === 2) {
        for (const made of alive.slice(0, 1)) this.evaluate(made, 'train', ids);
        return;
      }
      const isGood = (score: number): boolean => score >= this.score(leader.candidate.id, ids).score - 0.05;
      const passed = this.rung(round, rung, [leader, ...alive], ids, 1 + Math.ceil(alive.length / 2), isGood);
      const next = passed.filter((made) => made !== leader);
      for (const made of alive.filter((one) => !next.includes(one)))
        this.judge(round, made, false, `Behind the best prompt on ${ids.length} shared rows.`);
      alive = next;
      if (alive.length === 0 || ids.length === rows.length) break;
    }
    for (const made of alive) this.judge(round, made, true, `Holds its ground on all ${rows.length} train rows.`);
    if (alive.length > 0) this.rank(round, [...this.archive, ...alive]);
    run.fact({
      type: 'operators-tallied',
      round,
      tallies: [...this.#tallies].map(([operator, tally]) => ({ operator, ...tally })),
    });
    const better = this.leader !== leader;
    run.fact({
      type: 'round-finished',
      round,
      best: this.leader.candidate.id,
      note: better ? 'A new best prompt.' : 'No proposal was better than the best so far.',
    });
  }

  judge(round: number, { candidate }: Made, accepted: boolean, reason: string): void {
    this.run.fact({ type: 'proposal-judged', round, candidate: candidate.id, accepted, reason });
    if (candidate.origin.type !== 'proposal') return;
    const tally = this.#tallies.get(candidate.origin.operator ?? '') ?? { tried: 0, kept: 0 };
    this.#tallies.set(candidate.origin.operator ?? '', {
      tried: tally.tried + 1,
      kept: tally.kept + Number(accepted),
    });
  }

  rank(round: number, made: readonly Made[]): void {
    const all = this.run.spec.split.train;
    this.archive = [...made]
      .sort((a, b) => this.score(b.candidate.id, all).score - this.score(a.candidate.id, all).score)
      .slice(0, 3);
    this.run.fact({ type: 'archive-changed', round, residents: this.archive.map(({ candidate }) => candidate.id) });
  }
}

export function raceRun(options: RaceRunOptions = {}): HandMadeRun {
  const { rounds = 8, proposals = 4, going = false } = options;
  const seeds = openings.map((opening, index) => ({
    candidate: start(`${opening} ${endings[index % endings.length] ?? ''}`),
    parts: [opening, endings[index % endings.length] ?? ''],
    skill: 0.32 + index * 0.05,
  }));
  const race = new RaceRun(
    options,
    seeds.map(({ candidate }) => candidate.prompt),
  );
  const { run } = race;
  const { train, validation, test } = run.spec.split;
  let alive: readonly Made[] = seeds;
  for (let rung = 1, size = 8; alive.length > 1; rung += 1, size *= 2)
    alive = race.rung(0, rung, alive, train.slice(0, size), Math.ceil(alive.length / 2));
  race.rank(0, alive);
  for (let round = 1; round <= rounds; round += 1) {
    run.fact({
      type: 'round-started',
      round,
      good: race.archive.map(({ candidate }) => candidate.id),
      bad: [],
      examples: train.slice(0, 3),
    });
    const children = Array.from({ length: proposals }, (_, job) => race.propose(round, job));
    race.race(
      round,
      children.filter((made) => made !== undefined),
      going && round === rounds,
    );
  }
  if (going) return run;
  const baseline = seeds.find(({ candidate }) => candidate.id === alive[0]?.candidate.id);
  const finalists = [...race.archive, ...(baseline && !race.archive.includes(baseline) ? [baseline] : [])];
  for (const made of finalists) race.evaluate(made, 'validation', validation);
  const best = race.leader;
  run.add({
    type: 'search-ended',
    best: best.candidate.id,
    baseline: baseline?.candidate.id ?? best.candidate.id,
    reason: `All ${rounds} rounds are done.`,
    ended: 'finished',
  });
  for (const made of baseline && baseline !== best ? [best, baseline] : [best]) race.evaluate(made, 'test', test);
  return run.add({ type: 'run-ended', outcome: 'finished', reason: `All ${rounds} rounds are done.` });
}
