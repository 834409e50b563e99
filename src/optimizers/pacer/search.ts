import type { ExampleId } from '#core/id.ts';
import type { OptimizerContext, Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { Archive } from '../parts/archive.ts';
import { isMisread } from '../parts/probability-check.ts';
import type { Draft } from '../parts/proposals.ts';
import { halvingRace, rungFact } from '../parts/race.ts';
import { templatePrompts } from '../parts/templates.ts';
import { chooseArm } from '../parts/thompson.ts';
import { Workbench } from '../parts/workbench.ts';
import { drawParent, rowsFor } from './draws.ts';
import { settingsFor, type PacerValues, type Settings } from './fields.ts';
import { operators, type OperatorId } from './operators.ts';
import { admitted, heatOf, points, rejected, setAside, undecided, type Heat } from './reasons.ts';
import type { Operator, Site } from './site.ts';
import { baselines, firstSeedRung, templatesThatFit } from './start.ts';
import { Tallies } from './tallies.ts';

/** From this share of unreadable answers on, the form comes first. */
const unreadableShare = 0.1;
/** In multiples of the coverage: rows that a new prompt has to hold its own on, however many the best one is known on. */
const mostCoverage = 2;
/** With no more right answers than this on so many rows there is nothing to improve on: what counts then is a good first draft. */
const hopeless = { right: 1, rows: 8 };
/** Rounds that draw several first drafts at once; a generator that brings none by then will not. */
const firstRounds = 3;
/** Ways of writing a first draft: side by side, for they differ more from each other than what is made of any of them. */
const firstDrafts = ['reflect', 'contrast', 'contrast', 'restart'] as const;
/** A loss that is worth telling the generator of. */
const toldLoss = 0.1;
/** Ways that the generator has no part in. */
const composed: ReadonlySet<string> = new Set(['demos', 'edit', 'template']);

/** What PACER remembers, and its moves. Pure: everything comes in through the context and the answers. */
export class Search {
  readonly bench: Workbench;
  readonly #values: PacerValues;
  readonly #settings: Settings;
  readonly #archive: Archive;
  /** Train rows in the order in which they are asked. */
  readonly order: readonly ExampleId[];
  readonly #tallies = new Tallies();
  readonly #lost: string[] = [];
  #templates: readonly string[] = [];
  /** Rounds that drew first drafts so far. */
  #firstDrafts = 0;
  /** The probabilities were found not to belong to the answers; to be told with the next round. */
  #setAside = false;

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
      leavesOutHopeless: true,
    });
    this.#archive = new Archive(this.bench.book, this.#settings.residents);
    this.order = context.random.fork('rows').shuffle(context.train.map(({ id }) => id));
    if (values.templates) this.#templates = templatePrompts(context.task, context.train, this.bench.placeholders);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get incumbent(): Candidate {
    return this.#archive.incumbent;
  }

  /** Calls that the shortest useful round takes: one text, and one first rung for it and, on new rows, for the incumbent. */
  get leastRound(): number {
    return 1 + 2 * this.#values.firstRung;
  }

  /** Phase 0: the starting prompts, and a few templates, against each other. False: the budget ended it. */
  *raceSeeds(): Procedure<boolean> {
    const entrants = [...this.bench.context.seeds];
    const room = templatesThatFit(entrants.length, this.order.length, this.bench.callsLeft - this.leastRound);
    for (const prompt of this.#openTemplates().slice(0, room)) {
      const made = operators.template.move({
        ...this.#site(this.bench.context.seeds[0], 0, 'templates'),
        templates: [prompt],
      });
      if (made && 'candidate' in made) {
        const candidate = yield* this.bench.introduce(0, made.candidate);
        if (candidate) entrants.push(candidate);
      }
    }
    // among prompts that get nothing right further rows tell little
    const isAnyRight = (alive: readonly Candidate[]): boolean =>
      alive.some(({ id }) => (this.bench.book.accuracy(id)?.value ?? 0) > 0);
    const { order, spent } = yield* halvingRace(this.bench, 0, entrants, this.order, firstSeedRung, isAnyRight);
    this.#checkProbabilities(entrants);
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
    const isFirstDraft = !isRestart && this.#firstDrafts < firstRounds && this.#isHopeless();
    if (isFirstDraft) this.#firstDrafts += 1;
    const most = isFirstDraft ? Math.max(this.#settings.batch, firstDrafts.length) : this.#settings.batch;
    const wanted = Math.min(most, Math.floor(this.bench.callsLeft / this.leastRound));
    const drafts: Draft[] = [];
    yield* this.bench.announce({
      type: 'round-started',
      round,
      good: this.#archive.residents.map(({ id }) => id),
      bad: [],
      examples: [],
    });
    for (let slot = 0; slot < wanted; slot++) {
      const stream = random.fork(`slot ${slot}`);
      const move = this.#move(
        round,
        stream,
        isRestart,
        isFirstDraft ? firstDrafts[slot % firstDrafts.length] : undefined,
      );
      if (!move) continue;
      if ('draft' in move) drafts.push(move.draft);
      else {
        const candidate = yield* this.bench.introduce(round, move.candidate);
        if (candidate) children.push(candidate);
      }
    }
    let isSpent = false;
    if (drafts.length > 0) {
      const written = yield* this.bench.propose(round, drafts, { again: true });
      isSpent = written === 'exhausted';
      if (written !== 'exhausted') {
        children.push(...written);
        this.#tallies.debit(drafts, written);
      }
    }
    // what is there is raced all the same: a person may have written it
    if (children.length > 0 && !(yield* this.#race(round, children, random))) isSpent = true;
    yield* this.bench.announce({ type: 'operators-tallied', round, tallies: this.#tallies.all() });
    const gained = this.incumbent !== before;
    const note = gained
      ? 'A new best prompt.'
      : children.length === 0
        ? 'No usable prompt in this round.'
        : 'No new prompt was better than the best so far.';
    const told = this.#setAside ? `${note} ${setAside}` : note;
    this.#setAside = false;
    yield* this.bench.announce({ type: 'round-finished', round, best: this.incumbent.id, note: told });
    return isSpent ? 'spent' : { made: children.length, gained };
  }

  /** What a person gave for a round that does not begin any more. */
  *tryOut(round: number, candidates: readonly Candidate[]): Procedure<void> {
    if (candidates.length > 0) yield* this.#race(round, candidates, this.bench.context.random.fork(`round ${round}`));
  }

  /** The finalists in order, and what the train rows say of each. */
  *confirm(ended: SearchOutcome['ended'], reason: string): Procedure<SearchOutcome> {
    if (this.#archive.residents.length === 0) return yield* this.bench.choose(ended, reason);
    const { book } = this.bench;
    const { id } = this.incumbent;
    return yield* this.bench.choose(ended, reason, this.#archive.residents, (candidate) => ({
      value: book.estimate(candidate.id, id),
      n: book.rows(candidate.id).length,
    }));
  }

  /** False: the budget ended it, and those that were still in it are not kept: they are known on too few rows. */
  *#race(round: number, children: readonly Candidate[], random: Random): Procedure<boolean> {
    const { bench } = this;
    const incumbent = this.incumbent;
    const rows = rowsFor(bench.book, incumbent, this.order, random.fork('order'));
    let alive = children;
    for (let rung = 1, asked = this.#values.firstRung; ; rung++, asked *= 2) {
      const { coverage } = this.#settings;
      // a best prompt that was asked about nearly all rows, to see whether anything is left to gain, must not keep all others out
      const top = Math.min(Math.max(coverage, bench.book.rows(incumbent.id).length), mostCoverage * coverage);
      const shared = rows.slice(0, Math.min(asked, top));
      if (!(yield* bench.evaluate([incumbent, ...alive], shared))) {
        for (const { id } of alive)
          yield* bench.announce({ type: 'proposal-judged', round, candidate: id, accepted: false, reason: undecided });
        return false;
      }
      this.#checkProbabilities([incumbent, ...alive]);
      const { gap } = this.#archive;
      const lenient = !this.#hasGrades();
      const known = (candidate: Candidate): number | undefined =>
        bench.book.difference(candidate.id, incumbent.id, shared)?.value;
      const lead = (candidate: Candidate): number => known(candidate) ?? -1;
      const passes = (candidate: Candidate): boolean =>
        lead(candidate) > gap || ((lenient || this.#mayTie(candidate)) && lead(candidate) === gap);
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

  /**
   * A prompt that lets the model think aloud has its probabilities at the wrong place: they would speak against it however often it is
   * right. From then on only right or wrong counts, for all prompts alike.
   */
  #checkProbabilities(candidates: readonly Candidate[]): void {
    const { book, context } = this.bench;
    const misread = ({ id }: Candidate): boolean =>
      isMisread(book.resultsOf(id), context.task.answer, (example) => this.bench.example(example));
    if (book.weight === 0 || !candidates.some(misread)) return;
    book.weight = 0;
    this.#setAside = true;
  }

  *#reject(round: number, candidate: Candidate, heat: Heat, isGood: boolean): Procedure<void> {
    const { lead, rows, best } = heat;
    this.#tallies.credit(candidate, lead > 0);
    const { origin } = candidate;
    const isWritten = origin.type === 'proposal' && !composed.has(origin.operator ?? '');
    // against a prompt that gets nothing right, and on the noise of a few rows, good advice would be called bad
    if (isWritten && origin.why !== undefined && rows > 0 && best > 0 && lead <= -toldLoss)
      this.#lost.push(`${origin.why} (${points(lead)} on ${rows} rows)`);
    const reason = rejected(heat, isGood);
    yield* this.bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted: false, reason });
  }

  *#admit(round: number, candidate: Candidate, heat: Heat): Procedure<void> {
    this.#tallies.credit(candidate, heat.lead > 0);
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

  #isHopeless(): boolean {
    const known = this.bench.book.accuracy(this.incumbent.id);
    return known !== undefined && known.n >= hopeless.rows && known.value * known.n <= hopeless.right + 1e-9;
  }

  #move(round: number, random: Random, isRestart: boolean, first?: OperatorId): ReturnType<Operator['move']> {
    const site = this.#site(
      drawParent(this.bench, this.#archive, this.#values.paretoShare, random.fork('parent')),
      round,
      'move',
      random,
    );
    // nobody wrote a prompt: what the task is stands in the labelled rows
    const isFirst = round === 1 && this.bench.context.seeds.every(isMade);
    if (isRestart || isFirst) return operators.restart.move(site);
    if (first) return operators[first].move(site) ?? operators.restart.move(site);
    if (this.#isUnreadable(site.parent) && random.fork('format').next() < 0.5) {
      const move = operators.format.move(site);
      if (move) return move;
    }
    const arms = Object.values(operators)
      .filter(({ id, prior }) => prior > 0 && (this.#values.templates || id !== 'edit'))
      .map((operator) => ({ ...operator, ...this.#tallies.of(operator.id as OperatorId) }));
    const choice = random.fork('operator');
    for (let open = arms; open.length > 0;) {
      const arm = chooseArm(open, choice);
      const move = arm.move(site);
      if (move) return move;
      open = open.filter(({ id }) => id !== arm.id);
    }
    return undefined;
  }

  #site(parent: Candidate | undefined, round: number, label: string, random?: Random): Site {
    return {
      bench: this.bench,
      parent: parent ?? this.incumbent,
      residents: this.#archive.residents,
      round,
      random: (random ?? this.bench.context.random).fork(label),
      metaPrompt: this.#values.metaPrompt,
      mostDemonstrations: this.#values.demonstrations,
      lost: this.#lost,
      templates: this.#openTemplates(),
    };
  }

  /** Templates that nobody has tried, by whatever way they came. */
  #openTemplates(): readonly string[] {
    return this.#templates.filter((text) => !this.bench.isKnown(text));
  }

  #isUnreadable(candidate: Candidate): boolean {
    const { outcomes, n } = this.bench.book.scored(candidate).summary;
    return n > 0 && outcomes.unparsable + outcomes['cut-off'] + outcomes.refused > unreadableShare * n;
  }

  /** Whether any answer came with a probability: without them ties are common, and must not end a proposal. */
  #hasGrades(): boolean {
    return this.bench.book.weight > 0 && this.bench.book.scored(this.incumbent).summary.crossEntropy !== undefined;
  }

  #mayTie({ origin }: Candidate): boolean {
    return origin.type === 'person' || (origin.type === 'proposal' && origin.operator === 'compress');
  }
}

const isMade = ({ origin }: Candidate): boolean => origin.type === 'start' && origin.made === true;
