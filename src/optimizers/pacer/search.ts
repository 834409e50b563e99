import type { ExampleId } from '#core/id.ts';
import type { OptimizerContext, Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { Archive } from '../parts/archive.ts';
import type { Draft } from '../parts/proposals.ts';
import { halvingRace, rungFact } from '../parts/race.ts';
import { Workbench } from '../parts/workbench.ts';
import { rowsFor } from './draws.ts';
import { settingsFor, type PacerValues, type Settings } from './fields.ts';
import { Moves } from './moves.ts';
import { admitted, heatOf, rejected, setAside, undecided, type Heat } from './reasons.ts';
import { baselines, firstSeedRung, templatesThatFit } from './start.ts';

/** In multiples of the coverage: rows that a new prompt has to hold its own on, however many the best one is known on. */
const mostCoverage = 2;
/**
 * Rows of the first comparison, and prompts of a round, where right and wrong is all that tells prompts apart: on three rows most would be
 * level, and of four on few rows the best is mostly the luckiest.
 */
const blind = { firstRung: 5, batch: 2 };

const inVain = 'The last texts of the generator could not be used: a stronger generator model may help.';

/** The rounds of PACER: races, and who is kept. Pure: everything comes in through the context and the answers. */
export class Search {
  readonly bench: Workbench;
  readonly #values: PacerValues;
  readonly #settings: Settings;
  readonly #archive: Archive;
  /** Train rows in the order in which they are asked. */
  readonly order: readonly ExampleId[];
  readonly #moves: Moves;
  /** Whether it was said that some probabilities do not belong to the answers. */
  #isToldOfMisread = false;

  constructor(context: OptimizerContext, values: PacerValues) {
    this.#values = values;
    this.#settings = settingsFor(values, context.calls, context.train.length);
    const { weight, temperature, maxPromptLength } = values;
    const { finalists } = this.#settings;
    this.bench = new Workbench(context, {
      weight,
      temperature,
      maxPromptLength,
      finalists,
      baselines,
      endsWithAll: true,
      fillsPlaces: true,
      checksProbabilities: true,
    });
    const { residents, coverage } = this.#settings;
    this.#archive = new Archive(this.bench.book, residents, mostCoverage * coverage);
    this.order = context.random.fork('rows').shuffle(context.train.map(({ id }) => id));
    this.#moves = new Moves(this.bench, this.#archive, values);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get incumbent(): Candidate {
    return this.#archive.incumbent;
  }

  /** Calls that the shortest useful round takes: a text, and all rows that it has to hold its own on, with those that are new to the incumbent. */
  get leastRound(): number {
    const { coverage } = this.#settings;
    const known = this.#archive.residents.length > 0 ? this.bench.book.rows(this.incumbent.id).length : 0;
    return 1 + coverage + Math.max(0, coverage - known);
  }

  /** Phase 0: the starting prompts, and a few templates, against each other. False: the budget ended it. */
  *raceSeeds(): Procedure<boolean> {
    const entrants = [...this.bench.context.seeds];
    const room = templatesThatFit(entrants.length, this.order.length, this.bench.callsLeft - this.leastRound);
    for (const template of this.#moves.templates(room)) {
      const candidate = yield* this.bench.introduce(0, template);
      if (candidate) entrants.push(candidate);
    }
    // among prompts that get nothing right further rows tell little
    const isAnyRight = (alive: readonly Candidate[]): boolean =>
      alive.some(({ id }) => (this.bench.book.accuracy(id)?.value ?? 0) > 0);
    const { order, spent } = yield* halvingRace(this.bench, 0, entrants, this.order, firstSeedRung, isAnyRight);
    for (const candidate of order.slice(0, this.#settings.residents)) this.#archive.admit(candidate);
    yield* this.#announceArchive(0);
    return !spent;
  }

  /** One round: parents, children, a race of the children against the incumbent. */
  *round(
    round: number,
    added: readonly Candidate[],
    isRestart: boolean,
  ): Procedure<'spent' | { readonly made: number; readonly gained: boolean }> {
    const before = this.incumbent;
    const children = [...added];
    const random = this.bench.context.random.fork(`round ${round}`);
    const next = this.#moves.next(isRestart, this.#batch);
    // most drop out early; what one needs that does not has to be there
    const spare = this.bench.callsLeft - this.leastRound;
    // where not even one fits, a prompt of the person may still be raced
    const wanted = spare < 0 ? 0 : Math.min(next.wanted, 1 + Math.floor(spare / (1 + 2 * this.#firstRung)));
    const drafts: Draft[] = [];
    yield* this.bench.announce({
      type: 'round-started',
      round,
      good: this.#archive.residents.map(({ id }) => id),
      bad: [],
      examples: [],
    });
    for (let slot = 0; slot < wanted; slot++) {
      const move = this.#moves.draw(round, slot, next.aim, random.fork(`slot ${slot}`));
      if (!move) continue;
      if ('draft' in move) drafts.push(move.draft);
      else {
        const candidate = yield* this.bench.introduce(round, move.candidate);
        if (candidate) children.push(candidate);
      }
    }
    let isSpent = false;
    if (drafts.length > 0) {
      const written = yield* this.bench.proposeEach(round, drafts, { again: true });
      isSpent = written === 'exhausted';
      if (written !== 'exhausted') {
        this.#moves.wrote(drafts, written);
        for (const [place, candidate] of written.entries()) {
          const made = candidate ?? (next.aim === 'improve' ? yield* this.#compose(round, place, random) : undefined);
          if (made) children.push(made);
        }
      }
    }
    // what is there is raced all the same: a person may have written it
    if (children.length > 0 && !(yield* this.#race(round, children, random))) isSpent = true;
    yield* this.bench.announce({ type: 'operators-tallied', round, tallies: this.#moves.tallies });
    const gained = this.incumbent !== before;
    const note = gained
      ? 'A new best prompt.'
      : children.length === 0
        ? 'No usable prompt in this round.'
        : 'No new prompt was better than the best so far.';
    yield* this.bench.announce({
      type: 'round-finished',
      round,
      best: this.incumbent.id,
      note: this.#withMisread(note),
    });
    return isSpent ? 'spent' : { made: children.length, gained };
  }

  *#compose(round: number, place: number, random: Random): Procedure<Candidate | undefined> {
    // the text has taken more than was reckoned with
    if (this.bench.callsLeft < this.leastRound - 1) return undefined;
    const candidate = this.#moves.compose(round, random.fork(`composed ${place}`));
    return candidate && (yield* this.bench.introduce(round, candidate));
  }

  /** What a person gave for a round that does not begin any more. */
  *tryOut(round: number, candidates: readonly Candidate[]): Procedure<void> {
    if (candidates.length > 0) yield* this.#race(round, candidates, this.bench.context.random.fork(`round ${round}`));
  }

  /** The finalists in order, and what the train rows say of each. */
  *confirm(ended: SearchOutcome['ended'], why: string): Procedure<SearchOutcome> {
    const reason = this.#moves.isInVain ? `${why} ${inVain}` : why;
    if (this.#archive.residents.length === 0) return yield* this.bench.choose(ended, reason);
    const { book } = this.bench;
    const { id } = this.incumbent;
    const level = book.estimate(id, id);
    return yield* this.bench.choose(ended, reason, this.#archive.residents, (candidate) => ({
      value: book.estimate(candidate.id, id) - level,
      n: book.rows(candidate.id).length,
    }));
  }

  /** False: the budget ended it, and those that were still in it are not kept: they are known on too few rows. */
  *#race(round: number, children: readonly Candidate[], random: Random): Procedure<boolean> {
    const { bench } = this;
    const incumbent = this.incumbent;
    const rows = rowsFor(bench.book, incumbent, this.order, random.fork('order'));
    let alive = children;
    for (let rung = 1, asked = this.#firstRung, done = 0; ; rung++, asked *= 2) {
      const { coverage } = this.#settings;
      // at the end of the budget as many rows as it holds: more would leave the prompt undecided
      const known = Math.min(bench.book.rows(incumbent.id).length, done + Math.floor(bench.callsLeft / alive.length));
      // a best prompt that was asked about nearly all rows, to see whether anything is left to gain, must not keep all others out
      const top = Math.min(Math.max(coverage, known), mostCoverage * coverage);
      const shared = rows.slice(0, Math.min(asked, top));
      done = shared.length;
      let dropped: readonly Candidate[] = [];
      if (!(yield* bench.evaluate([incumbent, ...alive], shared))) {
        // the budget may still hold the best of them
        const holds = alive.length > 1 && (yield* bench.evaluate([incumbent, ...alive.slice(0, 1)], shared));
        dropped = holds ? alive.slice(1) : alive;
        alive = holds ? alive.slice(0, 1) : [];
      }
      for (const { id } of dropped)
        yield* bench.announce({ type: 'proposal-judged', round, candidate: id, accepted: false, reason: undecided });
      if (alive.length === 0) return false;
      const { gap } = this.#archive;
      const lead = (candidate: Candidate): number =>
        bench.book.difference(candidate.id, incumbent.id, shared)?.value ?? -1;
      const passes = (candidate: Candidate): boolean =>
        lead(candidate) > gap || ((!this.#isGraded(candidate) || this.#mayTie(candidate)) && lead(candidate) === gap);
      const heat = ({ id }: Candidate): Heat => heatOf(bench.book, id, incumbent.id, shared);
      const standings = [...alive].sort((a, b) => lead(b) - lead(a) || a.prompt.length - b.prompt.length);
      const isTop = shared.length >= Math.min(top, rows.length);
      const passed = standings.filter(passes);
      const next = isTop ? passed : passed.slice(0, Math.max(1, Math.ceil(standings.length / 2)));
      const out = standings.filter((candidate) => !next.includes(candidate));
      yield* bench.announce(rungFact(bench, round, rung, shared, [incumbent, ...standings], out));
      for (const candidate of out) {
        yield* this.#reject(round, candidate, heat(candidate), passes(candidate));
      }
      alive = next;
      if (alive.length === 0) return true;
      if (isTop) {
        for (const candidate of alive) yield* this.#admit(round, candidate, heat(candidate));
        return true;
      }
    }
  }

  /** Said once, with the first round that found it. */
  #withMisread(note: string): string {
    if (this.#isToldOfMisread || !this.bench.candidates().some(({ id }) => this.bench.book.isMisread(id))) return note;
    this.#isToldOfMisread = true;
    return `${note} ${setAside}`;
  }

  *#reject(round: number, candidate: Candidate, heat: Heat, isGood: boolean): Procedure<void> {
    this.#moves.raced(candidate, heat);
    const reason = rejected(heat, isGood);
    yield* this.bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted: false, reason });
  }

  *#admit(round: number, candidate: Candidate, heat: Heat): Procedure<void> {
    this.#moves.raced(candidate, heat);
    const before = this.incumbent;
    const accepted = this.#archive.admit(candidate);
    const reason = admitted(accepted, this.incumbent !== before, heat);
    yield* this.bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted, reason });
    if (accepted) yield* this.#announceArchive(round);
  }

  *#announceArchive(round: number): Procedure<void> {
    yield* this.bench.announce({
      type: 'archive-changed',
      round,
      residents: this.#archive.residents.map(({ id }) => id),
    });
  }

  get #firstRung(): number {
    const { firstRung } = this.#values;
    return this.#isGraded(this.incumbent) ? firstRung : Math.max(firstRung, blind.firstRung);
  }

  get #batch(): number {
    const { batch } = this.#settings;
    return this.#values.batch > 0 || this.#isGraded(this.incumbent) ? batch : Math.min(batch, blind.batch);
  }

  /** Whether a prompt is told from the best one by probabilities too: without them ties are common, and must not end a proposal. */
  #isGraded({ id }: Candidate): boolean {
    const { book } = this.bench;
    const { incumbent } = this;
    const isKnown = book.weight > 0 && book.scored(incumbent).summary.crossEntropy !== undefined;
    return isKnown && !book.isMisread(id) && !book.isMisread(incumbent.id);
  }

  #mayTie({ origin }: Candidate): boolean {
    return origin.type === 'person' || (origin.type === 'proposal' && origin.operator === 'compress');
  }
}
