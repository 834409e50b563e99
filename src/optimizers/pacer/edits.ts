import type { Random } from '#lib/random.ts';
import { canonical } from '../parts/check-proposal.ts';

/** A small change to an instruction, and what it was. */
export type Edit = { readonly instruction: string; readonly why: string };

/** What edits can draw on. */
export type EditSources = {
  /** Sentences that ask for the form of the answer. */
  readonly forms: readonly string[];
  /** Other good instructions. */
  readonly others: readonly string[];
};

/**
 * One change of a whole sentence that needs no generator: moved to the front, left out, taken over from another good instruction, or one
 * more about the form of the answer. After GrIPS (Prasad et al. 2023), whose phrases are sentences here. Undefined where the change that
 * chance chose is not possible.
 */
export function editOf(instruction: string, { forms, others }: EditSources, random: Random): Edit | undefined {
  const sentences = sentencesOf(instruction);
  const edit = (changed: readonly string[], why: string): Edit => ({ instruction: joined(changed, instruction), why });
  const draw = random.next();
  if (draw < 0.25 && sentences.length > 1) {
    const place = 1 + random.integer(sentences.length - 1);
    const moved = sentences[place] ?? '';
    return edit([moved, ...without(sentences, place)], `Begins with “${short(moved)}”.`);
  }
  if (draw < 0.45 && sentences.length > 1) {
    const place = random.integer(sentences.length);
    return edit(without(sentences, place), `Leaves out “${short(sentences[place] ?? '')}”.`);
  }
  const isNew = (sentence: string): boolean => !sentences.some((own) => canonical(own) === canonical(sentence));
  const foreign = others.flatMap(sentencesOf).filter(isNew);
  if (draw < 0.7 && foreign.length > 0) {
    const taken = random.pick(foreign);
    return edit(placed(sentences, taken, random), `Takes over “${short(taken)}” from another prompt.`);
  }
  const open = forms.filter(isNew);
  if (open.length === 0) return undefined;
  const added = random.pick(open);
  return edit(placed(sentences, added, random), `Adds “${short(added)}”.`);
}

/** Sentences and lines. A point before a small letter or a digit ends none (“e.g. 3.5”), nor does that of a number in a list (“1. Read”). */
export const sentencesOf = (text: string): readonly string[] =>
  text
    .split(/(?<=[.!?])(?<!(?:^|\s)\(?[\p{L}\d]{1,2}[.])\s+(?=[^\p{Ll}\d])|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');

/** Lines stay lines. */
const joined = (sentences: readonly string[], before: string): string =>
  sentences.join(before.includes('\n') ? '\n' : ' ');

const without = (sentences: readonly string[], place: number): readonly string[] =>
  sentences.filter((_, index) => index !== place);

/** At the front or at the end: what stands there is heeded most. */
const placed = (sentences: readonly string[], sentence: string, random: Random): readonly string[] =>
  random.next() < 0.5 ? [sentence, ...sentences] : [...sentences, sentence];

const short = (sentence: string): string => (sentence.length > 80 ? `${sentence.slice(0, 79)}…` : sentence);
