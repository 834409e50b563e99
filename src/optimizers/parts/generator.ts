import {
  perform,
  type GeneratedText,
  type GenerateJob,
  type OptimizerContext,
  type Procedure,
  type TextName,
  type TextPurpose,
} from '#core/optimizer.ts';
import { proposalTokens, roomToThink } from './longest-prompt.ts';
import type { Draft } from './proposals.ts';
import { ranOut } from './read-proposal.ts';

export type NamedText = GeneratedText & { readonly name: TextName };
/** A text to be written; its seed comes with the asking. */
type Job = Omit<GenerateJob, 'seed'>;

/** Tokens of an answer that holds a remark. */
const noteTokens = 300;

/** Who counts what is asked for. */
type Account = {
  /** Cells that the budget must still hold afterwards. */
  readonly keep: () => number;
  readonly asked: (texts: number) => void;
  readonly refused: (texts: number) => void;
};

/** The generator model, as searches ask it: each text with a seed of its own, and with more tokens once it turned out to think first. */
export class Generator {
  readonly #seeds: OptimizerContext['random'];
  readonly #temperature: number;
  readonly #account: Account;
  #thinks = false;

  constructor(seeds: OptimizerContext['random'], temperature: number, account: Account) {
    this.#seeds = seeds;
    this.#temperature = temperature;
    this.#account = account;
  }

  /** It used up all its tokens before it said anything: from then on it has more of them. */
  get thinks(): boolean {
    return this.#thinks;
  }

  /**
   * Texts that are no prompts: critiques, notes. Those that end before anything is said are asked for once more, with more tokens.
   * `exhausted`: the budget does not hold them.
   */
  *notes(
    round: number,
    requests: readonly Draft['messages'][],
    maxTokens = noteTokens,
  ): Procedure<readonly GeneratedText[] | 'exhausted'> {
    const thought = this.#thinks;
    const askFor = (open: readonly Draft['messages'][]) => {
      const temperature = this.#temperature;
      const jobs = open.map((messages) => ({ messages, maxTokens: this.#room(maxTokens), temperature }));
      return this.#ask(round, 'note', jobs);
    };
    const told = yield* askFor(requests);
    if (told === 'exhausted' || thought || !this.#thinks) return told;
    const open = told.flatMap((output, place) => (ranOut(output) ? [place] : []));
    const more = yield* askFor(open.flatMap((place) => (requests[place] ? [requests[place]] : [])));
    if (more === 'exhausted') return told;
    return told.map((output, place) => more[open.indexOf(place)] ?? output);
  }

  /** Texts that hold one prompt each of at most so many characters. `again`: the first ones brought nothing. */
  *prompts(
    round: number,
    drafts: readonly Draft[],
    longest: number,
    { again }: { readonly again: boolean },
  ): Procedure<readonly NamedText[] | 'exhausted'> {
    const tokens = proposalTokens(longest);
    const maxTokens = again ? tokens * roomToThink : this.#room(tokens);
    const jobs = drafts.map(({ messages, temperature = this.#temperature }) => ({ messages, maxTokens, temperature }));
    return yield* this.#ask(round, 'prompt', jobs);
  }

  *#ask(round: number, purpose: TextPurpose, jobs: readonly Job[]): Procedure<readonly NamedText[] | 'exhausted'> {
    const told = yield* perform('generate', {
      ...{ round, purpose },
      jobs: jobs.map((job) => ({ ...job, seed: this.#seeds.integer(2 ** 31) })),
      keep: this.#account.keep(),
    });
    if (told.status === 'exhausted') {
      this.#account.refused(jobs.length);
      return 'exhausted';
    }
    this.#account.asked(jobs.length);
    this.#thinks ||= told.outputs.some(ranOut);
    return told.outputs.map((output, job) => ({ ...output, name: { step: told.step, job } }));
  }

  #room(maxTokens: number): number {
    return this.#thinks ? maxTokens * roomToThink : maxTokens;
  }
}
