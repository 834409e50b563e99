import { candidateWith, withDemonstrations, type Demonstration } from '#core/demonstrations.ts';
import type { Message } from '#core/completion.ts';
import type { CandidateId } from '#core/id.ts';
import type { GeneratedText, OptimizerContext, Rejection } from '#core/optimizer.ts';
import { fieldsOf, instructionOf, parseTemplate, type Candidate } from '#core/prompt.ts';
import { allowedAnswers } from '#core/task.ts';
import { canonical, checkProposal, noAnswer, talkIn, type Problem } from './check-proposal.ts';
import { Novelty } from './novelty.ts';
import { readProposal } from './read-proposal.ts';

/** A prompt to be written: what the generator is told, and what becomes of its answer. */
export type Draft = {
  readonly messages: readonly Message[];
  readonly operator: string;
  readonly parents: readonly CandidateId[];
  /** Demonstrations that the new instruction is composed with; where nothing is said, those of the first parent. */
  readonly demonstrations?: readonly Demonstration[];
  /** What was asked for, for the person. */
  readonly why?: string;
  readonly temperature?: number;
  /** What the generator was asked to do: a text that says it again has taken the request for the instruction. */
  readonly request?: string;
  /** What is asked for in its place where it only wrote again what was there. */
  readonly instead?: () => Draft | undefined;
  /** The instruction that is made of what was written, where that is only a piece of it. */
  readonly compose?: (written: string) => string;
};

/** A text that did not become a candidate. */
export type Refused = Problem & { readonly text: string };

/** All prompts that were tried in a run, and whether what a generator wrote is another one. */
export class Proposals {
  /** Fields that every prompt has to name, because the starting prompts do. */
  readonly placeholders: readonly string[];
  readonly #context: OptimizerContext;
  readonly #maxLength: number;
  /** Every prompt that may be tried again by nobody, by its canonical form. */
  readonly #known: Set<string>;
  readonly #novelty = new Novelty();

  /** @param maxLength of an instruction, in characters. */
  constructor(context: OptimizerContext, maxLength: number) {
    this.#context = context;
    this.#maxLength = maxLength;
    this.#known = new Set(context.seeds.map(({ prompt }) => canonical(prompt)));
    for (const { prompt } of context.seeds) this.#novelty.add(prompt);
    this.placeholders = [...new Set(context.seeds.flatMap(({ prompt }) => fieldsOf(prompt)))];
  }

  has(prompt: string): boolean {
    return this.#known.has(canonical(prompt));
  }

  add(candidate: Candidate): void {
    this.#known.add(canonical(candidate.prompt));
    this.#novelty.add(instructionOf(candidate));
  }

  /** What came of a draft. A candidate is not known yet: `add` it when it is tried. */
  read(round: number, draft: Draft, output: GeneratedText): Candidate | Refused {
    const { prompt: written, cut } = readProposal(output);
    const compose = canonical(written) === '' ? undefined : draft.compose;
    const text = compose ? compose(written) : written;
    const problem =
      noAnswer(output) ??
      (compose && (talkIn(written) ?? marksIn(written, this.placeholders))) ??
      echoOf(draft.request, text) ??
      this.#problemWith(text, cut, draft);
    if (problem) {
      if (problem.reason === 'near-duplicate') this.#novelty.add(text);
      return { text, ...problem };
    }
    const candidate = candidateWith(text, draft.demonstrations ?? [], this.#context.task.template, {
      type: 'proposal',
      round,
      // one that is both the better and the source is one parent
      parents: [...new Set(draft.parents)],
      operator: draft.operator,
      ...(draft.why === undefined ? {} : { why: draft.why }),
    });
    return candidate.demos && this.has(candidate.prompt) ? { text, ...sameExamples } : candidate;
  }

  #problemWith(prompt: string, cut: boolean, draft: Draft): Problem | undefined {
    const showsRows = (draft.demonstrations ?? []).length > 0;
    const problem = checkProposal(prompt, cut, {
      // with other demonstrations the same instruction is another prompt
      known: showsRows ? new Set() : this.#known,
      placeholders: this.placeholders,
      maxLength: this.#maxLength,
      examples: this.#context.train,
      common: saidAnyway(this.#context),
    });
    if (problem) return problem;
    if (this.has(withDemonstrations(prompt, draft.demonstrations ?? [], this.#context.task.template)))
      return sameExamples;
    // what is appended to an instruction changes few of its words, and may change much
    const near = showsRows || draft.compose ? undefined : this.#novelty.nearTo(prompt);
    return near === undefined
      ? undefined
      : { reason: 'near-duplicate', detail: `Hardly differs from “${near.slice(0, 80)}”, which was tried.` };
  }
}

/** What a prompt repeats of these gives no row away. */
export const saidAnyway = ({ seeds, task }: Pick<OptimizerContext, 'seeds' | 'task'>): readonly string[] => [
  ...seeds.map(instructionOf),
  task.description,
  ...allowedAnswers(task.answer),
];

export const sameExamples: Problem = {
  reason: 'duplicate',
  detail: 'This prompt was there before, with the same examples.',
};

/**
 * The instruction that a piece is added to has the marks already: with the piece's the input would stand there twice. Any other mark is
 * an invention, and nothing would be filled in for it.
 */
function marksIn(piece: string, placeholders: readonly string[]): Problem | undefined {
  const marks = parseTemplate(piece).filter(({ type }) => type !== 'text');
  if (marks.length === 0) return undefined;
  const repeated = marks.filter((part) => part.type === 'field' && placeholders.includes(part.name));
  const invented = marks.filter((part) => !repeated.includes(part));
  const listed = (parts: typeof marks): string => parts.map(({ text }) => text).join(', ');
  return {
    reason: 'placeholders',
    detail:
      `It must hold no marks${repeated.length > 0 ? `, as the instruction has them: ${listed(repeated)}` : ''}.` +
      (invented.length > 0 ? ` It invented ${listed(invented)}.` : ''),
  };
}

/** So many words in a row are no chance. */
const echoWords = 7;
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}’']+/gu) ?? [];

/** Small models hand the request on, as if it were the instruction. */
function echoOf(request: string | undefined, text: string): Problem | undefined {
  const asked = wordsOf(request ?? '');
  const said = ` ${wordsOf(text).join(' ')} `;
  for (let from = 0; from + echoWords <= asked.length; from++) {
    const run = asked.slice(from, from + echoWords).join(' ');
    if (said.includes(` ${run} `)) return { reason: 'talk', detail: `It repeats what you were asked to do: “${run}”.` };
  }
  return undefined;
}

/** What went wrong with an answer that is worth asking for once more, with the reason. */
const worthAnother: ReadonlySet<Rejection> = new Set([
  'empty',
  'cut-off',
  'talk',
  'placeholders',
  'too-long',
  'copied-example',
]);

/**
 * The draft once more, with what came of it and why that cannot be used; where it brought nothing new, the one that is to take its place;
 * undefined where asking again would not help.
 */
export const againWith = (draft: Draft, { text }: GeneratedText, { reason, detail }: Problem): Draft | undefined =>
  worthAnother.has(reason)
    ? {
        ...draft,
        messages: [
          ...draft.messages,
          { role: 'assistant', content: text.trim() === '' ? '(nothing)' : text.slice(0, 2000) },
          {
            role: 'user',
            content: `That cannot be used. ${detail} Write the new instruction again, and only the instruction, between <prompt> and </prompt>.`,
          },
        ],
      }
    : reason === 'duplicate' || reason === 'near-duplicate'
      ? draft.instead?.()
      : undefined;
