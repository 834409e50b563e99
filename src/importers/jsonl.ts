import { AppError } from '#core/error.ts';
import type { ImportNote } from '#core/example.ts';
import type { Importer } from '#core/import.ts';
import { counted } from '#lib/counted.ts';
import { textOf } from './encoding.ts';
import { isObject, readJson } from './json-text.ts';
import { limits } from './limits.ts';
import { tableOfObjects } from './object-table.ts';
import { inWords, noteAt } from './table.ts';
import { createTicker } from './ticker.ts';

type Broken = { readonly line: number; readonly problem: string };

/** Parses one line after the other; a broken line is remembered and the rest goes on. */
class LineReader {
  readonly entries: unknown[] = [];
  readonly at: number[] = [];
  readonly broken: Broken[] = [];
  readonly #file: string;
  #held = '';
  #line = 0;

  constructor(file: string) {
    this.#file = file;
  }

  push(text: string): void {
    // The pieces of one long line are joined once, when its end comes.
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      this.#held += text;
      if (this.#held.length > limits.cellCharacters * 2)
        this.#tooLarge('a line', 'characters', limits.cellCharacters * 2);
      return;
    }
    for (const line of (this.#held + text.slice(0, end)).split('\n')) this.#read(line);
    this.#held = text.slice(end + 1);
  }

  end(): void {
    this.#read(this.#held);
    this.#held = '';
  }

  #read(text: string): void {
    this.#line += 1;
    if (text.trim() === '') return;
    if (this.entries.length >= limits.rows) this.#tooLarge('the file', 'rows', limits.rows);
    const result = readJson(text, this.#file, `line ${this.#line}, `);
    if (result.type === 'broken') this.broken.push({ line: this.#line, problem: result.problem });
    else {
      this.entries.push(result.value);
      this.at.push(this.#line);
    }
  }

  #tooLarge(what: string, unit: string, limit: number): never {
    const shown = `${limit.toLocaleString('en')} ${unit}`;
    throw new AppError('import-too-large', {
      file: this.#file,
      place: `line ${this.#line + 1}`,
      size: `${what} of more than ${shown}`,
      limit: shown,
    });
  }
}

function badLineNotes(broken: readonly Broken[]): readonly ImportNote[] {
  const [first] = broken;
  if (!first) return [];
  const places = { unit: 'line', at: broken.map(({ line }) => line) } as const;
  return [
    noteAt(
      'bad-line',
      `${counted(broken.length, 'line')} left out, not readable as JSON: ${inWords(places)}. Line ${first.line}: ${first.problem}.`,
      places,
    ),
  ];
}

/** One JSON object per line. */
export const jsonl: Importer = {
  id: 'jsonl',
  label: 'JSON lines',
  recognize: (head, fileName) => {
    if (/\.(jsonl|ndjson)$/i.test(fileName)) return 0.9;
    const [first = '', second = ''] = head.split('\n').filter((line) => line.trim() !== '');
    return /^\s*\{.*\}\s*$/.test(first) && /^\s*\{/.test(second) ? 0.95 : 0;
  },
  read: async (file, options, onProgress, signal) => {
    const reader = new LineReader(file.name);
    const tick = createTicker(onProgress);
    for await (const { text, share } of textOf(file, options.encoding ?? 'utf-8', signal)) {
      reader.push(text);
      tick({ rows: reader.entries.length, share });
    }
    reader.end();
    const { entries, at, broken } = reader;
    const [first] = broken;
    // A file of which most lines are broken is some other format.
    if (first && broken.length >= entries.length) throw new AppError('import-bad-json', { file: file.name, ...first });
    if (entries.length > 0 && !entries.some(isObject))
      throw new AppError('import-wrong-shape', {
        file: file.name,
        found: 'lines that are JSON, but none is an object',
      });
    const table = tableOfObjects(file.name, entries, { unit: 'line', at }, badLineNotes(broken));
    return { ...table, leftOut: broken.length + (table.leftOut ?? 0) };
  },
};
