import { groupedDigits } from '#core/number-forms.ts';
import { patternOf } from '#lib/pattern.ts';

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

/** Equal for a reader. A text of nothing but marks, such as “?”, is compared as it stands. */
export const sameText = (a: string, b: string): boolean =>
  normalize(a) === '' && normalize(b) === '' ? a.trim() === b.trim() : normalize(a) === normalize(b);

/** Letters that other letters follow without a space although the word has ended: there is no edge to look for. */
const unspaced =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]';
const startsUnspaced = new RegExp(`^${unspaced}`, 'u');
const endsUnspaced = new RegExp(`${unspaced}$`, 'u');
const plain = (text: string): string => text.normalize('NFC').replace(/[*`]+/g, '').trim();

/** `part` as whole words, in any case; undefined where there is nothing to look for. */
function wordsPattern(part: string): string | undefined {
  const wanted = plain(part);
  if (wanted === '') return undefined;
  const before = startsUnspaced.test(wanted) ? '' : '(?<![\\p{L}\\p{N}\\p{M}])';
  const after = endsUnspaced.test(wanted) ? '' : '(?![\\p{L}\\p{N}\\p{M}])';
  return before + patternOf(wanted).replace(/\s+/g, '\\s+') + after;
}

/** Whether `part` stands in `text` as whole words, in any case. */
export function containsWords(text: string, part: string): boolean {
  const pattern = wordsPattern(part);
  return pattern !== undefined && new RegExp(pattern, 'iu').test(plain(text));
}

/** What stands behind each "Answer:" of a text up to its end, the last one first: a later answer corrects an earlier one. */
const answerTails = (text: string): readonly string[] =>
  [...text.matchAll(/(?:answer|label|category)\s*(?:is|[:=])\s*:?|\\boxed\{/gi)]
    .map((match) => text.slice(match.index + match[0].length).trim())
    .reverse();

const firstLineOf = (text: string): string => text.trim().split('\n')[0]?.trim() ?? '';

/**
 * A letter at the very beginning that is meant as one: nothing follows but the end, a mark, or words that "A" and "I" do not begin
 * a sentence with. "A dog", "I think" and the list "A, B and C" choose nothing.
 */
function leadingLetter(text: string): string | undefined {
  const found = /^(?:option\s+|choice\s+)?(\(|\[)?([A-Za-z])(?![\p{L}\p{N}\p{M}'’])([\s\S]*)$/iu.exec(text);
  if (!found) return undefined;
  const [, open, letter = '', rest = ''] = found;
  if (/^[)\]]?\s*(?:,|\/|&|\bor\b|\band\b)\s*(?:or\s+|and\s+)?[([]?[A-Za-z](?![\p{L}\p{N}])/iu.test(rest))
    return undefined;
  if (open || /^\s*$|^\s*[).:,;\]}!?\n–—]|^\s+-/.test(rest)) return letter;
  if (letter !== letter.toUpperCase()) return undefined;
  return /[AI]/.test(letter) &&
    !/^\s+(?:because|since|as|is\s+(?:correct|right|true|the\s+(?:best|right|correct)))\b/i.test(rest)
    ? undefined
    : letter;
}

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
  const tails = answerTails(clean);
  // an option such as "E. coli" begins like a letter, so whole options are looked for first
  for (const part of [clean, ...tails, firstLineOf(clean)]) {
    const said = normalize(part);
    // where an option is a letter itself, such as a blood group, the letter that was asked for is meant
    if (/^[a-z]$/.test(said) && inRange(said)) continue;
    const meant = choices.flatMap((choice, index) => (said !== '' && normalize(choice) === said ? [index] : []));
    if (meant.length === 1) return String.fromCharCode(65 + (meant[0] ?? 0));
  }
  // a first line with nothing but the letter: what a rambling model adds below it does not count
  const alone = inRange(/^[([]?([A-Za-z])[)\].:,;!?]*$/.exec(firstLineOf(clean))?.[1]);
  if (alone) return alone;
  for (const tail of tails) {
    const marked = inRange(leadingLetter(tail));
    if (marked) return marked;
  }
  const first = inRange(leadingLetter(clean));
  if (first) return first;
  const named = new Set(
    [...clean.matchAll(/\(([A-Z])\)|\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\s+\(?([A-Z])\b(?!(?<=[AI])\s+[a-z])/g)].flatMap(
      (m) => inRange(m[1] ?? m[2]) ?? [],
    ),
  );
  return named.size === 1 ? [...named][0] : undefined;
}

/**
 * The label that an answer begins with, when a mark or the end follows: "Positive. Not a negative word in it." names one label
 * first and another one in passing.
 */
function leadingLabel(text: string, labels: readonly string[]): string | undefined {
  const begin = plain(text).replace(/^["'“”‘’([{\s]+/, '');
  const found = labels
    .filter((label) => {
      const pattern = wordsPattern(label);
      return (
        pattern !== undefined && new RegExp(`^${pattern}["'”’)\\]}]*\\s*(?:$|[.,;:!?\\n–—(]|-\\s)`, 'iu').test(begin)
      );
    })
    .sort((a, b) => b.length - a.length)[0];
  if (found === undefined) return undefined;
  // "positive, negative or neutral" chooses nothing
  const rest = begin.slice(plain(found).length).replace(/^["'”’)\]}]+/, '');
  const listed = /^\s*[,/]\s*(?:or\s+|and\s+)?(.*)$/is.exec(rest)?.[1];
  const another = labels.some((label) => {
    const pattern = wordsPattern(label);
    return listed !== undefined && pattern !== undefined && new RegExp(`^${pattern}`, 'iu').test(listed);
  });
  return another ? undefined : found;
}

/**
 * The label that an answer names: the whole answer, what follows "Answer:", its first line, the label that it begins with, or the
 * only label that occurs in it. Known limit: "not positive" names the label "positive" unless "not positive" is a label too.
 */
export function readLabel(text: string, labels: readonly string[]): string | undefined {
  const firstLine = firstLineOf(text);
  const tails = answerTails(text);
  for (const part of [text, ...tails.flatMap((tail) => [tail, firstLineOf(tail)]), firstLine]) {
    const exact = labels.find((label) => sameText(label, part));
    if (exact !== undefined) return exact;
  }
  for (const part of [...tails, text]) {
    const leading = leadingLabel(part, labels);
    if (leading !== undefined) return leading;
  }
  for (const part of [...tails.map(firstLineOf), firstLine, text]) {
    const named = labels.filter((label) => containsWords(part, label));
    // "not spam" holds "spam": a label that is part of a longer label which also occurs does not count
    const longest = named.filter(
      (label) => !named.some((other) => !sameText(other, label) && containsWords(other, label)),
    );
    if (longest[0] !== undefined && longest.every((label) => sameText(label, longest[0] ?? ''))) return longest[0];
  }
  return undefined;
}

const ungrouped = [
  '(?<!\\d,)\\d+,\\d+(?!,?\\d)',
  '\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?',
  '(?<![\\p{L}\\d.])\\.\\d+',
].join('|');
const numberPattern = new RegExp(
  `(?:(?<![\\p{L}\\d])(?<sign>-))?(?:[$€£¥]\\s?(?<inner>-)?)?(?<!\\d)(?:(?<grouped>${groupedDigits})(?![.,]?\\d)|(?<single>${ungrouped}))`,
  'gu',
);

/**
 * The last number in a text. Currency signs and groups of thousands are understood: 1,284.50 · 1.284,50 · 1 284,50 · $84 · −3. A
 * comma that cannot be a group is a decimal comma (3,5); a single point is a decimal point (1.284 is a little more than one); a minus
 * right behind a letter or a digit is a dash (5-10). Fractions such as 1/2 are two numbers.
 */
export function readNumber(text: string): number | undefined {
  const found = [...text.replaceAll('−', '-').matchAll(numberPattern)].at(-1)?.groups;
  if (!found) return undefined;
  const { sign, inner, grouped: groups, single } = found;
  const value = Number(groups === undefined ? single?.replace(',', '.') : withoutGroups(groups));
  return Number.isFinite(value) ? ((sign ?? inner) ? -value : value) : undefined;
}

/** The last mark is the decimal mark where it is another one than the marks before it. */
function withoutGroups(text: string): string {
  const marks = text.replace(/\d/g, '');
  const last = marks.at(-1) ?? '';
  if (marks.length === 1 || marks.startsWith(last)) return text.replace(/\D/g, '');
  const place = text.lastIndexOf(last);
  return `${text.slice(0, place).replace(/\D/g, '')}.${text.slice(place + 1)}`;
}
