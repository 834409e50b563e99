import type { ImportNote, ImportNoteCode } from '#core/example.ts';
import type { Table } from '#core/import.ts';

/** Where each row stands in its file, counted from 1: the line it begins on, or its place in a list. */
export type Places = { readonly unit: 'line' | 'item'; readonly at: readonly number[] };

/** A table that still knows where its rows came from, so that later notes can name the place. */
export type PlacedTable = Table & { readonly places?: Places };

const mostNamed = 100;

/** A note that names its places, the first hundred of them. */
export const noteAt = (code: ImportNoteCode, message: string, { unit, at }: Places): ImportNote => ({
  code,
  message,
  [unit === 'line' ? 'lines' : 'items']: at.slice(0, mostNamed),
});

/** "line 3", "lines 3 and 5", "lines 3, 5, 8, 9, 12 and 40 more". */
export function inWords({ unit, at }: Places): string {
  const name = unit === 'line' ? 'line' : 'entry';
  const plural = unit === 'line' ? 'lines' : 'entries';
  if (at.length === 1) return `${name} ${at.join('')}`;
  if (at.length <= 6) return `${plural} ${at.slice(0, -1).join(', ')} and ${at.at(-1) ?? ''}`;
  return `${plural} ${at.slice(0, 5).join(', ')} and ${at.length - 5} more`;
}

/** Quoted names, shortened where a file is wild. */
export const named = (names: readonly string[]): string =>
  names
    .slice(0, 8)
    .map((name) => `“${name.length > 40 ? `${name.slice(0, 39)}…` : name}”`)
    .join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');

/**
 * A name that a template can write between braces and that no object takes for its prototype. Empty when nothing is left.
 * The mark `{{>` means the prompt, so no field may begin with `>`.
 */
const usableName = (raw: string): string =>
  raw
    .replaceAll('\0', '')
    .replaceAll('{', '(')
    .replaceAll('}', ')')
    .replace(/^[\s>]+|\s+$/g, '')
    .replace(/(^|\.)__proto__(?=$|\.)/g, '$1proto');

/** Different, usable names for all columns, with notes about those that had none or shared one. */
export function nameColumns(raw: readonly string[]): {
  readonly columns: readonly string[];
  readonly notes: readonly ImportNote[];
} {
  const wanted = raw.map(usableName);
  const taken = new Set(wanted.filter((name) => name !== ''));
  const used = new Set<string>();
  const free = (base: string, first: number, separator: string): string => {
    let number = first;
    while (taken.has(`${base}${separator}${number}`) || used.has(`${base}${separator}${number}`)) number += 1;
    return `${base}${separator}${number}`;
  };
  const notes: ImportNote[] = [];
  const repeats = new Map<string, number[]>();
  const columns = wanted.map((name, index) => {
    let given = name;
    if (name === '') {
      given = free('column', index + 1, '_');
      notes.push({ code: 'empty-header', message: `Column ${index + 1} has no name. It is called “${given}” here.` });
    } else if (used.has(name)) {
      given = free(name, 2, ' ');
      repeats.set(name, [...(repeats.get(name) ?? [wanted.indexOf(name) + 1]), index + 1]);
    }
    used.add(given);
    return given;
  });
  for (const [name, at] of repeats)
    notes.push({
      code: 'duplicate-header',
      message: `Columns ${at.join(', ')} are all called “${name}”. They are kept as ${named(at.map((n) => columns[n - 1] ?? ''))}.`,
    });
  return { columns, notes };
}
