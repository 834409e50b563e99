import { cellText, isObject, jsonIn } from './json-text.ts';

/** Options as they stand in one cell. `labels`: what the file calls them, where it does. */
export type TextList = { readonly texts: readonly string[]; readonly labels?: readonly string[] };

const isScalar = (value: unknown): boolean => value !== null && (typeof value !== 'object' || !isObject(value));

const textKeys = ['text', 'value', 'content', 'choice', 'option'];

/** {label, text} in any of the spellings that data sets use. */
function labelled(items: readonly unknown[]): TextList | undefined {
  const pairs = items.map((item) => {
    if (!isObject(item)) return undefined;
    const key = textKeys.find((name) => Object.hasOwn(item, name));
    return key === undefined ? undefined : { text: cellText(item[key]), label: cellText(item['label'] ?? item['key']) };
  });
  if (!pairs.every((pair) => pair !== undefined)) return undefined;
  const labels = pairs.map(({ label }) => label);
  return { texts: pairs.map(({ text }) => text), ...(labels.every((label) => label !== '') ? { labels } : {}) };
}

function fromJson(value: unknown): TextList | undefined {
  if (Array.isArray(value)) {
    if (value.some(Array.isArray)) return undefined;
    return value.every(isScalar) ? { texts: value.map(cellText) } : labelled(value);
  }
  // {text: […], label: […]}, or {A: …, B: …}
  if (!isObject(value)) return undefined;
  const { text, label } = value;
  if (Array.isArray(text))
    return { texts: text.map(cellText), ...(Array.isArray(label) ? { labels: label.map(cellText) } : {}) };
  const keys = Object.keys(value);
  return keys.length > 1 && keys.every((key) => /^[A-J]$/i.test(key)) && Object.values(value).every(isScalar)
    ? { texts: Object.values(value).map(cellText), labels: keys }
    : undefined;
}

const pythonEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** The text of a Python list, such as ['a', "b's"], with or without the word array in front, as data frames write it. */
function fromPython(cell: string): TextList | undefined {
  const inner = /^\s*(?:array\()?\[([\s\S]*)\](?:,\s*dtype=\w+\s*\))?\)?\s*$/.exec(cell)?.[1];
  if (inner === undefined) return undefined;
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d[\d.e+-]*))\s*(?:,|$|(?=\s['"]))/gy;
  const texts: string[] = [];
  let end = 0;
  for (const match of inner.matchAll(item)) {
    const quoted = match[1] ?? match[2];
    texts.push(quoted?.replace(/\\(.)/g, (_, sign: string) => pythonEscapes[sign] ?? sign) ?? match[3] ?? '');
    end = match.index + match[0].length;
  }
  return texts.length > 0 && inner.slice(end).trim() === '' ? { texts } : undefined;
}

/** The list that a cell holds as JSON or as Python text; undefined when it holds none. */
export const listIn = (cell: string): TextList | undefined =>
  /^\s*(?:[[{]|array\()/.test(cell) ? (fromJson(jsonIn(cell)) ?? fromPython(cell)) : undefined;
