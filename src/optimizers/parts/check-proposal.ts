import { letterOf, type Example } from '#core/example.ts';
import type { GeneratedText, Rejection } from '#core/optimizer.ts';
import { fieldsOf, parseTemplate, promptMark } from '#core/prompt.ts';
import { withoutThinking } from './read-proposal.ts';

export type ProposalRules = {
  /** Canonical forms of every prompt that was tried. */
  readonly known: ReadonlySet<string>;
  /** The fields that a prompt has to name, no more and no fewer: those of the starting prompts. */
  readonly placeholders: readonly string[];
  /** Longest prompt, in characters. */
  readonly maxLength: number;
  readonly examples: readonly Example[];
  /** What every prompt may say, in whatever rows it stands as well: the starting prompts, the description of the task, its labels. */
  readonly common: readonly string[];
};

/** What is wrong with a text, for the books and in words for a person and the generator. */
export type Problem = { readonly reason: Rejection; readonly detail: string };

/** Why there is nothing to read. A withheld answer may hold words all the same: they are about the refusal. */
export function noAnswer({ finish }: GeneratedText): Problem | undefined {
  if (finish === 'failed') return { reason: 'failed', detail: 'The generator did not answer.' };
  return finish === 'filter' ? { reason: 'failed', detail: 'The provider withheld the answer.' } : undefined;
}

/** What was written where no prompt was asked for: a critique, a reason. Nothing where there is no answer. */
export const saidIn = (output: GeneratedText): string => (noAnswer(output) ? '' : withoutThinking(output.text).trim());

/** How refusals begin. A prompt speaks to a model, so it never says sorry. */
const refusal =
  /^(?:(?:i['’]?m|i am) (?:very )?(?:sorry|unable|not able)|sorry\b|i (?:can(?:no|['’])t|will not|won['’]t) |as an ai\b|unfortunately,? i\b)/i;

/** A refusal, or talk about the task. */
export const talkIn = (text: string): Problem | undefined =>
  refusal.test(text)
    ? { reason: 'talk', detail: 'The generator refused, or talked about the task instead of writing a prompt.' }
    : undefined;

/** Words in a row that a prompt may share with a training text before it counts as copied. */
const copiedWords = 8;

/** Equal prompts have equal canonical forms; case, spacing and punctuation are not a new idea. */
export const canonical = (prompt: string): string =>
  prompt
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}{}]+/gu, ' ')
    .trim();

/** Why this prompt must not be tried, or undefined. What is checked costs nothing; a call does. */
export function checkProposal(prompt: string, cut: boolean, rules: ProposalRules): Problem | undefined {
  if (canonical(prompt) === '' && cut)
    return {
      reason: 'cut-off',
      detail: 'The answer ended before a prompt began: a generator that thinks needs more tokens.',
    };
  if (canonical(prompt) === '') return { reason: 'empty', detail: 'The generator wrote no prompt.' };
  if (cut) return { reason: 'cut-off', detail: 'The answer ended before the prompt did.' };
  const talk = talkIn(prompt);
  if (talk) return talk;
  if (prompt.length > rules.maxLength)
    return { reason: 'too-long', detail: `${prompt.length} characters; ${rules.maxLength} are allowed.` };
  if (rules.known.has(canonical(prompt))) return { reason: 'duplicate', detail: 'This prompt was there before.' };
  const found = fieldsOf(prompt);
  const lost = rules.placeholders.filter((name) => !found.includes(name));
  const invented = found.filter((name) => !rules.placeholders.includes(name)).map(mark);
  // a prompt has no place for a prompt: the mark would be sent as it stands
  if (parseTemplate(prompt).some(({ type }) => type === 'prompt')) invented.push(promptMark);
  if (lost.length + invented.length > 0)
    return {
      reason: 'placeholders',
      detail: [
        ...(lost.length > 0 ? [`lost ${lost.map(mark).join(', ')}`] : []),
        ...(invented.length > 0 ? [`invented ${invented.join(', ')}`] : []),
      ].join('; '),
    };
  const copied = copiedText(prompt, rules);
  if (copied !== undefined) return { reason: 'copied-example', detail: `It repeats a training text: “${copied}”.` };
  const given = givenAway(prompt, rules.examples);
  if (given.length >= fewestGivenAway)
    return {
      reason: 'copied-example',
      detail: `It gives ${given.length} rows with their right answers: “${given[0]}”.`,
    };
  return undefined;
}

const mark = (name: string): string => `{{${name}}}`;

/**
 * Words, with the marks that belong to their letters. Where a script leaves no spaces between words (Chinese, Japanese, Thai …), each sign
 * stands for half a word.
 */
const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu)
    ?.flatMap((word) => (unspaced.test(word) ? Array.from(word) : [word])) ?? [];
export const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Every run of so many words in a row, the shortest that reach the number. */
function* runsOf(text: string): Generator<string> {
  const words = wordsOf(text);
  const sizes = words.map((word) => (unspaced.test(word) ? 0.5 : 1));
  for (let from = 0, to = 0, size = 0; from < words.length; size -= sizes[from++] ?? 0) {
    while (to < words.length && size < copiedWords) size += sizes[to++] ?? 0;
    if (size < copiedWords) return;
    yield words.slice(from, to).join(' ');
  }
}

/** One row may serve to show the form; several are an answer key, and the prompt would be asked about them. */
const fewestGivenAway = 2;
/** Words that may stand between a row and its answer: “if you are given hot, then answer cold”. */
const apart = 6;

/** Rows, too short to be found by their words alone, that a prompt names with their right answers behind them. */
function givenAway(prompt: string, examples: readonly Example[]): readonly string[] {
  const words = wordsOf(prompt);
  const placesOf = (wanted: readonly string[]): readonly number[] =>
    wanted.length === 0
      ? []
      : words.flatMap((_, from) => (wanted.every((word, index) => words[from + index] === word) ? [from] : []));
  return examples.flatMap((example) => {
    const fields = Object.values(example.inputs)
      .map(wordsOf)
      .filter(({ length }) => length > 0);
    const input = fields.flat();
    const answers = answersOf(example)
      .map(wordsOf)
      .filter((answer) => answer.join() !== input.join());
    if (input.join('').length < 3) return [];
    // one field behind the other, each perhaps with its name in front
    const follow = (ends: readonly number[] | undefined, wanted: readonly string[]): readonly number[] =>
      ends?.length === 0
        ? []
        : placesOf(wanted)
            .filter((place) => !ends || ends.some((end) => place >= end && place - end <= apart))
            .map((place) => place + wanted.length);
    const ends = fields.reduce<readonly number[] | undefined>(follow, undefined);
    const given = answers.find((answer) => follow(ends ?? [], answer).length > 0);
    return given ? [`${input.join(' ')} … ${given.join(' ')}`] : [];
  });
}

/** The right answer of a row; where it is the letter of an option, the text of that option is as good. */
function answersOf({ targets, choices = [] }: Example): readonly string[] {
  const answer = targets[0] ?? '';
  return [answer, ...choices.filter((_, place) => letterOf(place) === answer)];
}

/** What stands in more rows than this, and in so large a share of them, belongs to the form of the rows: it gives no row away. */
const formOfRows = { rows: 2, share: 0.1 };

/** Whole right answers that several rows share, like a fixed refusal: the prompt has to be able to say them, however rare they are. */
function sharedAnswers(examples: readonly Example[]): readonly string[] {
  const rows = new Map<string, number>();
  for (const { targets } of examples)
    for (const answer of new Set(targets.map((target) => wordsOf(target).join(' '))))
      rows.set(answer, (rows.get(answer) ?? 0) + 1);
  return [...rows].flatMap(([answer, count]) => (count > formOfRows.rows ? [answer] : []));
}

/** The first run of words that a prompt shares with a few training texts, where it is long enough to be no accident. */
function copiedText(prompt: string, { examples, common }: ProposalRules): string | undefined {
  const said = new Set([...common, ...sharedAnswers(examples)].flatMap((text) => [...runsOf(text)]));
  const runs = new Set([...runsOf(prompt)].filter((run) => !said.has(run)));
  if (runs.size === 0) return undefined;
  const rows = new Map<string, number>();
  // the generator is shown options and right answers, too
  for (const { inputs, choices = [], targets } of examples)
    for (const run of new Set([...Object.values(inputs), ...choices, ...targets].flatMap((text) => [...runsOf(text)])))
      if (runs.has(run)) rows.set(run, (rows.get(run) ?? 0) + 1);
  const most = Math.max(formOfRows.rows, formOfRows.share * examples.length);
  return [...runs].find((run) => (rows.get(run) ?? Infinity) <= most);
}
