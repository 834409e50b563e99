import type { OptimizerContext } from '#core/optimizer.ts';
import { instructionOf } from '#core/prompt.ts';
import { answersBlock } from './meta-prompt-blocks.ts';

/** Room to grow beside the longest starting prompt, and beside the list of allowed answers, which a prompt may have to name in full. */
const room = 1.25;
const roomForAnswers = 2;

/**
 * Longest prompt that the generator may write, in characters: what the person set, or more where the starting prompts or the allowed
 * answers need it. A limit below what is there already would throw away nearly all that is written.
 */
export function longestPrompt({ seeds, task, train }: OptimizerContext, set: number): number {
  const longest = Math.max(0, ...seeds.map((seed) => instructionOf(seed).length));
  return Math.max(set, Math.ceil(room * longest), roomForAnswers * answersBlock(task, train).length);
}

/** A generator that thinks aloud may need so many times as many tokens to come to what it was asked for. */
export const roomToThink = 4;

/**
 * Tokens of an answer of the generator that holds one prompt.
 * @param longest prompt, in characters.
 */
export const proposalTokens = (longest: number): number => Math.max(500, Math.ceil(longest / 3));
