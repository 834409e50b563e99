import { excerpt } from './words.ts';

/** So much of a beginning has to be shared before it is left out, and in such steps it is looked for. */
const step = 40;

/**
 * The line that tells each prompt from those above it: its beginning, or, where one of them begins alike, the words from the first other
 * one on. Prompts that grew from each other share long beginnings.
 */
export function tellingExcerpts(prompts: readonly string[], length = 90): readonly string[] {
  /** What has been seen of the beginnings, in whole steps, with a prompt that begins so. */
  const beginnings = new Map<string, string>();
  return prompts.map((prompt) => {
    const text = prompt.replace(/\s+/g, ' ').trim();
    let alike: string | undefined;
    for (let end = step; end <= text.length; end += step) {
      const known = beginnings.get(text.slice(0, end));
      if (known === undefined) beginnings.set(text.slice(0, end), text);
      else alike = known;
    }
    const from = alike === undefined || alike === text ? 0 : startOfOther(text, alike);
    return from === 0 ? excerpt(text, length) : `… ${excerpt(text.slice(from), length - 2)}`;
  });
}

/** Where the word begins in which a text leaves another; 0 where it only ends sooner. */
function startOfOther(text: string, other: string): number {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return at === text.length ? 0 : text.lastIndexOf(' ', at) + 1;
}
