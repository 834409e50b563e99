import type { GeneratedText } from '#core/optimizer.ts';

/**
 * The new prompt in what a generator wrote: between the tags that it was asked for, in the only code fence, in a `prompt` key of
 * JSON, or the whole text when it is nothing else. Labels, quotes and an opening line of talk are taken off.
 * `cut`: the answer ended before the prompt did.
 */
export function readProposal(given: GeneratedText): { readonly prompt: string; readonly cut: boolean } {
  const { finish } = given;
  // a space inside of a tag is a slip, not another tag
  const text = withoutThinking(given.text).replace(/<\s*(\/?)\s*prompt\s*>/gi, '<$1prompt>');
  const tagged = inTags(text);
  if (tagged !== undefined) return { prompt: tidy(tagged), cut: false };
  const cut = finish === 'length' || /<prompt>/i.test(text);
  const opened = /<prompt>([\s\S]*)$/i.exec(text)?.[1];
  if (opened !== undefined && opened.trim() !== '') return { prompt: tidy(opened), cut: finish !== 'stop' };
  if (opened !== undefined) return { prompt: tidy(text), cut: false };
  const labelled = afterLabel(text);
  if (labelled !== undefined) return { prompt: tidy(inFence(labelled) ?? labelled), cut: finish === 'length' };
  const body = inFence(text) ?? text;
  return { prompt: tidy(promptOfJson(body) ?? body), cut };
}

/** The text of the only code fence. */
function inFence(text: string): string | undefined {
  const fences = [...text.matchAll(/```[a-z]*\n([\s\S]*?)```/gi)];
  return fences.length === 1 ? fences[0]?.[1] : undefined;
}

/** The tokens ran out before anything was said: a generator that thinks has not come to its answer. */
export const ranOut = ({ text, finish }: GeneratedText): boolean =>
  finish === 'length' && withoutThinking(text).trim() === '';

/** What a reasoning model thinks aloud is no proposal, and a thought without an end has not come to one. */
export function withoutThinking(text: string): string {
  const end = text.lastIndexOf('</think>');
  if (end >= 0) return text.slice(end + '</think>'.length);
  return text.replace(/^\s*<think>[\s\S]*$/i, '');
}

/**
 * The first tagged text. Small models close with a second opening tag, or open twice; "between <prompt> and </prompt>" only talks
 * about the tags and is passed over where there is more.
 */
function inTags(text: string): string | undefined {
  const once = text.replace(/<prompt>\s*(?=<prompt>)/gi, '');
  const tagged = [...once.matchAll(/<prompt>([\s\S]*?)<\/?prompt>/gi)].map((match) => match[1] ?? '');
  return tagged.find((inner) => !/^\W*(?:and)?\W*$/i.test(inner)) ?? (tagged.length > 0 ? '' : undefined);
}

/**
 * "New instruction:" or "**Improved prompt**:", on a line of its own or in front of the text; "## New instruction" as a heading;
 * "Prompt:" in front of a quoted one.
 */
const label =
  /^\W*(?:here(?:['’]s| is) )?(?:the |your |my )?(?:(?:new|improved|better|final|revised|updated|refined|corrected) (?:instruction|prompt)s?(?:\W*:[*]*|(?<=^\s*[#*].*)[*\s]*$)|(?:instruction|prompt)[*]*:[*]*(?=\s*["“]))/gim;
/** What a generator adds when the prompt has ended: the result that it was shown, or talk about what it wrote. */
const afterword = new RegExp(
  [
    /\n\s*[*#-]*\s*result[*]*\s*:\s*\d[\s\S]*$/,
    /\n\s*#+\s*(?:changes?|explanation|rationale|reasoning)\b[\s\S]*$/,
    /\n\s*\n\s*[*-]*\s*(?:changes?|explanation|rationale|reasoning)[*]*\s*:(?:(?!\n\s*\n)[\s\S])*$/,
    /\n\s*\n\s*(?:this|the) (?:new |revised |improved |updated )?(?:instruction|prompt)\b[\s\S]*$/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);
/**
 * The line in which it says what it changed, with what belongs to it: a heading, a paragraph of its own at the end, the last line, numbered
 * like those before it too, or the end of that line. A
 * line "Change: …" in the middle may explain a label of that name.
 */
const changed =
  /\n(?:\s*#+\s*changes?\b[\s\S]*|\s*\n\s*[*]*changes?[*]*:(?:(?!\n\s*\n)[\s\S])*|\s*(?:\d+[.)]\s*)?[*]*changes?[*]*:[^\n]*(?:\n\s*(?:[-*•]|\d+[.)])[^\n]*)*)\s*$|(?<=[.!?”"])[^\S\n]+[*]*change[*]*:[^\n]*$/i;

/** What stands behind the last label, where a small model wrote one instead of tags. */
function afterLabel(text: string): string | undefined {
  const last = [...text.matchAll(label)].at(-1);
  if (!last) return undefined;
  const body = text.slice(last.index + last[0].length).replace(afterword, '');
  return /[\p{L}\p{N}]/u.test(body) ? body : undefined;
}

function promptOfJson(text: string): string | undefined {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  if (from < 0 || to <= from) return undefined;
  try {
    const value = JSON.parse(text.slice(from, to + 1)) as unknown;
    if (typeof value === 'object' && value !== null && 'prompt' in value && typeof value.prompt === 'string')
      return value.prompt;
  } catch {
    // not JSON after all: the text is read as it stands
  }
  return undefined;
}

/** Without the line in which the generator says what it changed; where nothing else stands there, it is the prompt. */
function withoutChange(text: string): string {
  const found = /^\W*change\b[*]*:([^\n]*)([\s\S]*)$/i.exec(text);
  if (!found) return text.replace(changed, '').trim();
  const [, line = '', rest = ''] = found;
  return (/[\p{L}\p{N}]/u.test(rest) ? rest : line).trim();
}

/** Without tags around the whole: inside of it they may be the form of the answer. */
function withoutWrap(text: string): string {
  const found = /^<(instructions?|response|answer|output)>\s*([\s\S]*?)\s*(?:<\/\1>)?$/i.exec(text);
  return found?.[2] ?? text;
}

function tidy(text: string): string {
  let out = withoutWrap(text.replace(/<\/?prompt>/gi, '').trim());
  out = withoutChange(out);
  out = out.replace(
    /^(?:sure|certainly|of course|okay|here you go|(?:based on\b[^\n]*\b)?here(?:['’]s| is| are)\b[^\n]*\b(?:instructions?|prompts?|version|one(?=\s*:)))\b[^\n]*:\s*\n+(?:-{3,}\s*\n+)?/i,
    '',
  );
  out = out
    .replace(
      /^[*#]+\s*(?:the )?(?:new|improved|better|final|revised|updated|refined) (?:instruction|prompt)s?[*\s]*\n/i,
      '',
    )
    .replace(/^[*#\s]*(?:the\s+)?(?:new|improved|better|final)?\s*prompt\s*(?:\d+\s*)?\**[:=]\s*\**\s*/i, '')
    .trim();
  const quoted = /^(["“'`])([\s\S]*)(["”'`])$/.exec(out);
  if (quoted?.[2] !== undefined && !/["“”`']/.test(quoted[2])) out = quoted[2].trim();
  return out;
}
