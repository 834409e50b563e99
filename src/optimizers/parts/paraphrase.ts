import type { CandidateId } from '#core/id.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import defaultText from '../meta-prompts/paraphrase.txt?raw';
import { asked, metaPromptField } from './fill-meta-prompt.ts';
import type { Draft } from './proposals.ts';

/** Spread into `fields` of searches that ask for the same prompt in other words. */
export const paraphraseField = {
  paraphrasePrompt: metaPromptField(defaultText, 'Meta prompt for the same in other words'),
} as const;

/** The same prompt in other words: a Monte Carlo step around it. */
export const paraphrase = (
  candidate: Candidate,
  text: string,
  about: Readonly<Record<string, string>>,
): Draft & { readonly parents: readonly CandidateId[] } => ({
  messages: asked(text, { ...about, prompt: instructionOf(candidate) }),
  operator: 'paraphrase',
  parents: [candidate.id],
});
