import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import type { Archive } from '../parts/archive.ts';
import type { Draft } from '../parts/proposals.ts';
import { templatePrompts } from '../parts/templates.ts';
import { chooseArm } from '../parts/thompson.ts';
import type { Workbench } from '../parts/workbench.ts';
import { drawParent } from './draws.ts';
import type { PacerValues } from './fields.ts';
import { composing, operators, type OperatorId } from './operators.ts';
import type { Heat } from './reasons.ts';
import type { Move, Site } from './site.ts';
import { Tallies } from './tallies.ts';

/** From this share of unreadable answers on, the form comes first. */
const unreadableShare = 0.1;
/** With no more right answers than this on so many rows there is nothing to improve on: what counts then is a good first draft. */
const hopeless = { right: 1, rows: 8 };
/** Rounds that draw several first drafts at once; a generator that brings none by then will not. */
export const firstRounds = 3;
/** Ways of writing a first draft: side by side, for they differ more from each other than what is made of any of them. */
export const firstDrafts = ['reflect', 'contrast', 'contrast', 'restart'] as const;

/** Drafts in a row of which none became a prompt. */
const mostVain = 12;

/** What a round is for. */
export type Aim = 'improve' | 'first drafts' | 'restart';

/** How PACER gets to new prompts: which way is tried on which prompt, and what has come of each way so far. */
export class Moves {
  readonly #bench: Workbench;
  readonly #archive: Archive;
  readonly #values: PacerValues;
  readonly #tallies = new Tallies();
  readonly #templates: readonly string[];
  /** Rounds that drew first drafts so far. */
  #firstDrafts = 0;
  /** Drafts since one became a prompt. */
  #vain = 0;

  constructor(bench: Workbench, archive: Archive, values: PacerValues) {
    const { task, train } = bench.context;
    this.#bench = bench;
    this.#archive = archive;
    this.#values = values;
    this.#templates = values.templates ? templatePrompts(task, train, bench.placeholders) : [];
  }

  /** As many templates as there is room for, to race with the starting prompts. */
  templates(room: number): readonly Candidate[] {
    const site = this.#site(this.#bench.context.seeds[0], 0, this.#bench.context.random.fork('templates'));
    return site.templates.slice(0, room).flatMap((prompt) => {
      const made = operators.template.move({ ...site, templates: [prompt] });
      return made && 'candidate' in made ? [made.candidate] : [];
    });
  }

  /** What the next round is for, and how many prompts it wants. */
  next(isRestart: boolean, batch: number): { readonly aim: Aim; readonly wanted: number } {
    if (isRestart) return { aim: 'restart', wanted: batch };
    if (this.#firstDrafts >= firstRounds || !this.#isHopeless()) return { aim: 'improve', wanted: batch };
    this.#firstDrafts += 1;
    return { aim: 'first drafts', wanted: Math.max(batch, firstDrafts.length) };
  }

  /** @param slot place of the new prompt in its round, from 0. */
  draw(round: number, slot: number, aim: Aim, random: Random): Move | undefined {
    const parent = drawParent(this.#bench, this.#archive, this.#values.paretoShare, random.fork('parent'));
    const composes = (): boolean => aim === 'improve' && this.compose(round, random.fork('composes')) !== undefined;
    const site = { ...this.#site(parent, round, random.fork('move')), composes };
    // nobody wrote a prompt: what the task is stands in the labelled rows
    const isFirst = round === 1 && this.#bench.context.seeds.every(isMade);
    if (aim === 'restart' || isFirst) return operators.restart.move(site);
    const first = aim === 'first drafts' ? firstDrafts[slot % firstDrafts.length] : undefined;
    if (first) return operators[first].move(site) ?? operators.restart.move(site);
    if (this.#isUnreadable(site.parent) && random.fork('format').next() < 0.5) {
      const move = operators.format.move(site);
      if (move) return move;
    }
    const choice = random.fork('operator');
    const composed = this.isInVain ? this.#choose((id) => composing.has(id), site, choice) : undefined;
    return composed ?? this.#choose(() => true, site, choice);
  }

  /**
   * What takes the place of a text that cannot be used: a small generator copies what it is shown, and what it writes afresh is seldom
   * as good as a prompt with other examples or sentences (docs/optimizers.md). Undefined where there is nothing of the kind.
   */
  compose(round: number, random: Random): Candidate | undefined {
    const drawn = drawParent(this.#bench, this.#archive, this.#values.paretoShare, random.fork('parent'));
    for (const parent of [drawn, ...this.#archive.residents]) {
      const site = this.#site(parent, round, random.fork('move'));
      const move = this.#choose((id) => composing.has(id), site, random.fork('operator'));
      if (move && 'candidate' in move) return move.candidate;
    }
    return undefined;
  }

  /** So many texts in a row could not be used that the generator is asked no more where there is another way. */
  get isInVain(): boolean {
    return this.#vain >= mostVain;
  }

  #choose(isWanted: (id: string) => boolean, site: Site, random: Random): Move | undefined {
    const arms = Object.values(operators)
      .filter(({ id, prior }) => prior > 0 && isWanted(id) && (this.#values.templates || id !== 'edit'))
      .map((operator) => ({ ...operator, ...this.#tallies.of(operator.id as OperatorId) }));
    for (let open = arms; open.length > 0;) {
      const arm = chooseArm(open, random);
      const move = arm.move(site);
      if (move) return move;
      open = open.filter(({ id }) => id !== arm.id);
    }
    return undefined;
  }

  /** What came of the drafts of a round, each in its place. */
  wrote(drafts: readonly Draft[], written: readonly (Candidate | undefined)[]): void {
    for (const [place, { operator }] of drafts.entries()) {
      this.#tallies.wrote(operator as OperatorId, written[place]);
      this.#vain = written[place] ? 0 : this.#vain + 1;
    }
  }

  /** What came of a prompt, on the rows of its last comparison. */
  raced(candidate: Candidate, heat: Heat): void {
    this.#tallies.credit(candidate, heat.lead > 0);
  }

  get tallies(): ReturnType<Tallies['all']> {
    return this.#tallies.all();
  }

  #site(parent: Candidate | undefined, round: number, random: Random): Site {
    return {
      bench: this.#bench,
      parent: parent ?? this.#archive.incumbent,
      residents: this.#archive.residents,
      round,
      random,
      metaPrompt: this.#values.metaPrompt,
      mostDemonstrations: this.#values.demonstrations,
      // that nobody has tried, by whatever way they came
      templates: this.#templates.filter((text) => !this.#bench.isKnown(text)),
      composes: () => false,
    };
  }

  #isHopeless(): boolean {
    const known = this.#bench.book.accuracy(this.#archive.incumbent.id);
    return known !== undefined && known.n >= hopeless.rows && known.value * known.n <= hopeless.right + 1e-9;
  }

  #isUnreadable(candidate: Candidate): boolean {
    const { outcomes, n } = this.#bench.book.scored(candidate).summary;
    return n > 0 && outcomes.unparsable + outcomes['cut-off'] + outcomes.refused > unreadableShare * n;
  }
}

const isMade = ({ origin }: Candidate): boolean => origin.type === 'start' && origin.made === true;
