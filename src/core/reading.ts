import { patternOf } from '#lib/pattern.ts';
import type { Completion, TokenLogprob } from './completion.ts';
import type { AnswerReading } from './task.ts';

/** The part of an answer that counts, and where it begins in the whole; undefined where the rule finds nothing. */
export function partOf(
  text: string,
  reading: AnswerReading,
): { readonly text: string; readonly from: number } | undefined {
  const slice = (from: number, to = text.length): { readonly text: string; readonly from: number } => {
    const part = text.slice(from, to);
    const trimmed = part.trimStart();
    return { text: trimmed.trimEnd(), from: from + part.length - trimmed.length };
  };
  switch (reading.type) {
    case 'after': {
      if (reading.mark === '') return undefined;
      // not by places in a text in lower case: İ is longer there
      const mark = new RegExp(patternOf(reading.mark), 'giu');
      const last = [...text.matchAll(mark)].at(-1);
      return last && slice(last.index + last[0].length);
    }
    case 'tag': {
      const open = text.lastIndexOf(`<${reading.name}>`);
      if (open < 0) return undefined;
      const from = open + reading.name.length + 2;
      const end = text.indexOf(`</${reading.name}>`, from);
      return slice(from, end < 0 ? undefined : end);
    }
    case 'json': {
      const value = memberOf(text, reading.field);
      if (value === undefined) return undefined;
      const named = text.indexOf(JSON.stringify(reading.field));
      const at = named < 0 ? -1 : text.indexOf(value, named + reading.field.length + 2);
      return { text: value, from: Math.max(0, at) };
    }
    case 'last-line': {
      const end = text.trimEnd();
      return end === '' ? undefined : slice(end.lastIndexOf('\n') + 1);
    }
  }
}

/** The completion as if the model had written only the part that counts; unchanged where the rule finds nothing. */
export function readBy<C extends Pick<Completion, 'text' | 'tokens'>>(completion: C, reading?: AnswerReading): C {
  const part = reading && partOf(completion.text, reading);
  if (!part) return completion;
  const { tokens } = completion;
  return { ...completion, text: part.text, ...(tokens ? { tokens: tokensFrom(tokens, part.from) } : {}) };
}

function tokensFrom(tokens: readonly TokenLogprob[], from: number): readonly TokenLogprob[] {
  let end = 0;
  return tokens.filter(({ token }) => (end += token.length) > from);
}

/** The member of the first JSON object in a text, fenced or not, as text. */
function memberOf(text: string, field: string): string | undefined {
  const found = firstObject(text);
  if (!found || !Object.hasOwn(found, field)) return undefined;
  const value = found[field];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Braces that hold no JSON, in front of it or behind it, are prose. */
function firstObject(text: string): Readonly<Record<string, unknown>> | undefined {
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
    const end = closingBrace(text, open);
    if (end === undefined) continue;
    try {
      return JSON.parse(text.slice(open, end + 1)) as Readonly<Record<string, unknown>>;
    } catch {
      // prose
    }
  }
  return undefined;
}

/** Where the brace that opens here is closed; those in strings count for nothing. */
function closingBrace(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open, inString = false; at < text.length; at++) {
    const sign = text[at];
    if (inString && sign === '\\') at += 1;
    else if (sign === '"') inString = !inString;
    else if (!inString && sign === '{') depth += 1;
    else if (!inString && sign === '}' && --depth === 0) return at;
  }
  return undefined;
}
