import { excerpt } from './words.ts';

/** So much of a beginning has to be shared before it is left out, and in such steps it is looked for. */
const step = 40;
/** A word is shown from its beginning, where that is near. */
const longestWord = 30;

/**
 * The line that tells each prompt from those above it: its beginning, or, where one of them begins alike, the words from the first other
 * one on. Prompts that grew from each other share long beginnings.
 */
export function tellingExcerpts(prompts: readonly string[], length = 90): readonly string[] {
  /** Each beginning that was seen, in whole steps: by the one before it and its last step. */
  const beginnings = new Map<string, { readonly id: number; readonly text: string }>();
  return prompts.map((prompt) => {
    const text = prompt.replace(/\s+/g, ' ').trim();
    let alike: string | undefined;
    let before = 0;
    for (let end = step; end <= text.length; end += step) {
      const key = `${before} ${text.slice(end - step, end)}`;
      const known = beginnings.get(key);
      if (known) alike = known.text;
      else beginnings.set(key, { id: beginnings.size + 1, text });
      before = known?.id ?? beginnings.size;
    }
    const from = alike === undefined ? 0 : startOfOther(text, alike);
    return from === 0 ? excerpt(text, length) : `… ${excerpt(text.slice(from), length - 2)}`;
  });
}

/** Where the word begins in which a text leaves another; 0 where it is the same, or only ends sooner. */
function startOfOther(text: string, other: string): number {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  if (at === text.length) return 0;
  const word = text.lastIndexOf(' ', at) + 1;
  if (at - word <= longestWord) return word;
  // not from the middle of a letter that takes two places
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at;
}
