import { perform, type OptimizerContext, type Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { demonstrationsOf } from './demonstrations.ts';
import type { Generator, NamedText } from './generator.ts';
import { againWith, Proposals, type Draft, type Refused } from './proposals.ts';
import { ranOut } from './read-proposal.ts';

/** All prompts of a run by the way in which they came: from its start, by the search, from a person. Drafts become prompts here. */
export class Writing {
  readonly #context: OptimizerContext;
  readonly #maxPromptLength: number;
  readonly #generator: Generator;
  readonly #proposals: Proposals;
  readonly #made: Candidate[] = [];
  #heard: readonly Candidate[] = [];

  constructor(context: OptimizerContext, maxPromptLength: number, generator: Generator) {
    this.#context = context;
    this.#maxPromptLength = maxPromptLength;
    this.#generator = generator;
    this.#proposals = new Proposals(context, maxPromptLength);
  }

  /** Fields that every prompt has to name, because the starting prompts do. */
  get placeholders(): readonly string[] {
    return this.#proposals.placeholders;
  }

  /** Every prompt of the run, those of a person last. */
  get all(): readonly Candidate[] {
    return [...this.#context.seeds, ...this.#made, ...this.#heard];
  }

  /** Whether this prompt, or one that differs in case and punctuation only, was in the run before. */
  isKnown(prompt: string): boolean {
    return this.#proposals.has(prompt);
  }

  /** Takes in what a person wrote: those that are new. */
  hear(candidates: readonly Candidate[]): readonly Candidate[] {
    const had = new Set(this.all.map(({ id }) => id));
    const fresh = candidates.filter(({ id }) => !had.has(id));
    for (const candidate of fresh) this.#remember(candidate);
    this.#heard = [...this.#heard, ...fresh];
    return fresh;
  }

  /** Takes in one that no generator wrote; undefined where it was there before. */
  *introduce(round: number, candidate: Candidate): Procedure<Candidate | undefined> {
    if (this.isKnown(candidate.prompt)) return undefined;
    this.#remember(candidate);
    yield* perform('announce', { fact: { type: 'candidate-proposed', candidate, round } });
    return candidate;
  }

  /** What came of each draft, in its place: undefined where nothing did. `exhausted`: the budget does not hold the drafts. */
  *each(
    round: number,
    drafts: readonly Draft[],
    { again }: { readonly again: boolean },
  ): Procedure<readonly (Candidate | undefined)[] | 'exhausted'> {
    const thought = this.#generator.thinks;
    const made = drafts.map((): Candidate | undefined => undefined);
    let open = drafts.map((draft, index) => ({ draft: this.#carried(draft), index }));
    for (let times = 1; times === 1 || (times === 2 && open.length > 0); times++) {
      const asked = open.map(({ draft }) => draft);
      const outputs = yield* this.#generator.prompts(round, asked, this.#maxPromptLength, { again: times > 1 });
      if (outputs === 'exhausted' && times === 1) return 'exhausted';
      if (outputs === 'exhausted') break;
      const unusable: typeof open = [];
      for (const [place, { draft, index }] of open.entries()) {
        const output = outputs[place];
        if (!output) continue;
        const taken = yield* this.#take(round, draft, output);
        if ('id' in taken) made[index] = taken;
        else {
          const second = again || (!thought && ranOut(output)) ? againWith(draft, output, taken) : undefined;
          if (second) unusable.push({ draft: this.#carried(second), index });
        }
      }
      open = unusable;
    }
    return made;
  }

  /** A child shows what its first parent shows: without it, every new instruction would lose to the worked examples of the old one. */
  #carried(draft: Draft): Draft {
    const [first] = draft.parents;
    const parent = this.all.find(({ id }) => id === first);
    if (draft.demonstrations || !parent?.demos) return draft;
    return { ...draft, demonstrations: demonstrationsOf(parent, this.#context) };
  }

  *#take(round: number, draft: Draft, output: NamedText): Procedure<Candidate | Refused> {
    const read = this.#proposals.read(round, draft, output);
    const from = output.name;
    if (!('reason' in read)) this.#remember(read);
    yield* perform('announce', {
      fact:
        'reason' in read
          ? { type: 'proposal-rejected', round, from, ...read }
          : { type: 'candidate-proposed', candidate: read, round, from },
    });
    return read;
  }

  #remember(candidate: Candidate): void {
    this.#proposals.add(candidate);
    if (candidate.origin.type !== 'person') this.#made.push(candidate);
  }
}
