/** Ways of reading an answer out of what a model wrote. All are tolerant of case, space, marks of emphasis and a final stop. */

/** Lower case, one space between words, no emphasis, quotes or end punctuation around it. */
export const normalize = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[*_`]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^["'“”‘’([{]+|["'“”‘’)\]}.,;:!?]+$/g, '')
    .trim()
    .toLowerCase();

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether `part` stands in `text` as whole words, in any case. */
export const containsWords = (text: string, part: string): boolean =>
  part.trim() !== '' &&
  new RegExp(`(?<![\\p{L}\\p{N}])${escape(part.trim()).replace(/\s+/g, '\\s+')}(?![\\p{L}\\p{N}])`, 'iu').test(text);

/** What stands behind the last "Answer:" of a text, else the whole text. */
const afterAnswerMark = (text: string): string => {
  const parts = text.split(/(?:final answer|correct answer|answer|label|category)\s*(?:is|[:=])\s*:?/i);
  return parts.length > 1 ? (parts.at(-1) ?? '') : text;
};

/**
 * The letter that an answer chooses: "B", "b.", "(B) because …", "Answer: B", "The answer is **B**", or the option's own words.
 * Undefined where no letter or more than one could be meant.
 */
export function readLetter(text: string, choices: readonly string[]): string | undefined {
  const last = String.fromCharCode(64 + Math.max(1, Math.min(26, choices.length)));
  const inRange = (letter: string | undefined): string | undefined => {
    const upper = letter?.toUpperCase();
    return upper !== undefined && upper >= 'A' && upper <= last ? upper : undefined;
  };
  const clean = text.replace(/[*_`"'“”]+/g, '').trim();
  const atStart = /^\(?([A-Za-z])(?:[).:,\]]|\s*$|\s*\n|\s+[-–—])/.exec(clean);
  const first = inRange(atStart?.[1]);
  if (first) return first;
  const tail = afterAnswerMark(clean).trim();
  const marked = tail === clean ? undefined : inRange(/^(?:option\s+)?\(?([A-Za-z])(?![A-Za-z])/i.exec(tail)?.[1]);
  if (marked) return marked;
  const named = new Set(
    [...clean.matchAll(/(?:\(([A-Z])\)|\b(?:option|choice)\s+\(?([A-Z])\b)/g)].flatMap(
      (m) => inRange(m[1] ?? m[2]) ?? [],
    ),
  );
  if (named.size === 1) return [...named][0];
  const said = normalize(clean);
  const words = choices.flatMap((choice, index) =>
    normalize(choice) === said ? [String.fromCharCode(65 + index)] : [],
  );
  return words.length === 1 ? words[0] : undefined;
}

/** The label that an answer names: the whole answer, what follows "Answer:", its first line, or the only label that occurs in it. */
export function readLabel(text: string, labels: readonly string[]): string | undefined {
  const firstLine = text.trim().split('\n')[0] ?? '';
  for (const part of [text, afterAnswerMark(text), firstLine]) {
    const said = normalize(part);
    const exact = labels.find((label) => normalize(label) === said);
    if (exact !== undefined) return exact;
  }
  for (const part of [firstLine, text]) {
    // "not positive" inside "non-positive": a label that is part of a longer label which also occurs does not count
    const named = labels.filter((label) => containsWords(part, label));
    const longest = named.filter((label) => !named.some((other) => other !== label && containsWords(other, label)));
    if (longest.length === 1) return longest[0];
  }
  return undefined;
}

/** The last number in a text; thousands separators and currency signs are ignored. Undefined where there is none. */
export function readNumber(text: string): number | undefined {
  const found = text.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '').match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g);
  const value = Number(found?.at(-1));
  return found && Number.isFinite(value) ? value : undefined;
}
