import { isLosslessNumber, parse, stringify } from 'lossless-json';
import { AppError } from '#core/error.ts';
import { limits } from './limits.ts';

/** What can be in a JSON text. Numbers keep their digits: they come as `LosslessNumber`, never as `number`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);

/** A value as the text of a cell: texts as they are, numbers with the digits of the file, lists and objects as JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (isLosslessNumber(value)) return value.value;
  return stringify(value) ?? '';
}

/** A JSON text that somebody wrote into a cell; undefined when it is none. */
export function jsonIn(cell: string): unknown {
  if (!/^\s*[[{]/.test(cell) || placeBelow(cell, limits.depth) !== undefined) return undefined;
  try {
    return parse(cell, null, { onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    return undefined;
  }
}

type Level = { readonly list: boolean; at: number; key: string };

const inPlainWords = (levels: readonly Level[]): string =>
  levels
    .slice(0, 3)
    .map(({ list, at, key }) => (list ? `entry ${at}` : `key ${key}`))
    .join(', ');

/**
 * Where a text goes deeper than allowed, in words; undefined when it does not. Looked at before parsing, because a parser that calls
 * itself for each level runs out of stack.
 */
function placeBelow(text: string, allowed: number): string | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    const level = levels.at(-1);
    if (sign === '"') {
      const from = at + 1;
      for (at = from; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at += 1;
      // The last text before a list or object opens is its key; only the outermost levels are ever named.
      if (level && !level.list && levels.length <= 3) level.key = text.slice(from, at);
    } else if (sign === '{' || sign === '[') {
      if (levels.length >= allowed) return inPlainWords(levels);
      levels.push({ list: sign === '[', at: 1, key: '' });
    } else if (sign === '}' || sign === ']') levels.pop();
    else if (sign === ',' && level) level.at += 1;
  }
  return undefined;
}

const lineOf = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** What is wrong at this place, in a person's words where the mistake is a usual one. */
function problemAt(text: string, position: number, said: string): string {
  const here = text.slice(position);
  const word = /^[-+]?(NaN|Infinity|None|True|False|undefined)\b/.exec(here) ?? /(NaN|Infinity)$/.exec(said);
  if (word) return `${word[0]} is not allowed in JSON`;
  if (/^-?I/.test(here) || /Invalid number '-'/.test(said)) return 'Infinity is not allowed in JSON';
  if (here.startsWith('//') || here.startsWith('/*') || here.startsWith('#')) return 'JSON has no comments';
  if (/^[}\]]/.test(here) && /,\s*$/.test(text.slice(0, position))) return 'a comma with nothing after it';
  if (here.startsWith("'")) return 'names and texts need double quotes';
  if (here.trim() === '') return 'the text ends in the middle of a value';
  return said.replace(/ ?(?:encountered )?at position \d+/, '').replace(/^(\w)/, (first) => first.toLowerCase());
}

export type JsonResult =
  | { readonly type: 'read'; readonly value: unknown }
  | { readonly type: 'broken'; readonly line: number; readonly problem: string };

/**
 * Parses strict JSON.
 * @throws AppError `import-too-deep`; a text that is not JSON is a result, because one bad line does not spoil a file of lines.
 */
export function readJson(text: string, file: string, placePrefix = ''): JsonResult {
  const place = placeBelow(text, limits.depth);
  if (place !== undefined)
    throw new AppError('import-too-deep', { file, place: `${placePrefix}${place}`, allowed: limits.depth });
  try {
    return { type: 'read', value: parse(text) };
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    const position = Number(/position (\d+)/.exec(said)?.[1] ?? 0);
    return { type: 'broken', line: lineOf(text, position), problem: problemAt(text, position, said) };
  }
}
