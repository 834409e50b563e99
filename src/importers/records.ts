import Papa, { type ParseResult } from 'papaparse';
import { AppError } from '#core/error.ts';
import { counted } from '#lib/counted.ts';
import { limits } from './limits.ts';

/** A quote mark that does not follow the rules of CSV. */
export type QuoteProblem = { readonly type: 'unclosed' | 'stray'; readonly line: number; readonly found: string };

export type Records = {
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which each row begins. */
  readonly lines: readonly number[];
  readonly quoteProblem?: QuoteProblem;
};

export type Dialect = { readonly delimiter: string; readonly quotes: boolean };

const lineBreaks = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
};

/** The rows of one text. With `partial`, the last row is left for later, because more text follows. */
export const parseText = (text: string, { delimiter, quotes }: Dialect, partial = false): ParseResult<string[]> =>
  // Fast mode splits at line ends and delimiters and knows no quotes: just what plain quote marks need.
  new Papa.Parser({ delimiter, newline: '\n', ...(quotes ? {} : { fastMode: true }) }).parse(
    text,
    0,
    partial,
  ) as ParseResult<string[]>;

const pieceCharacters = 1 << 16;

/** Splits a growing text into rows. Stops at the first quote mark that breaks the rules. */
export class RecordReader {
  readonly rows: string[][] = [];
  readonly lines: number[] = [];
  quoteProblem: QuoteProblem | undefined;
  #pending = '';
  #wanted = pieceCharacters;
  #line = 1;
  readonly #file: string;
  readonly #dialect: Dialect;

  constructor(file: string, dialect: Dialect) {
    this.#file = file;
    this.#dialect = dialect;
  }

  push(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= this.#wanted) this.#parse(true);
  }

  end(): Records {
    this.#parse(false);
    return {
      rows: this.rows,
      lines: this.lines,
      ...(this.quoteProblem ? { quoteProblem: this.quoteProblem } : {}),
    };
  }

  #parse(partial: boolean): void {
    if (this.quoteProblem) return;
    const text = this.#pending;
    const { data, errors, meta } = parseText(text, this.#dialect, partial);
    // A quote at the very end of a piece may turn out to be sound when the next piece comes.
    const error = errors.find(({ row }) => row !== undefined && (!partial || row < data.length));
    if (error) this.quoteProblem = this.#problemAt(text, error.index ?? 0, error.code === 'MissingQuotes');
    for (const row of data) this.#add(row);
    this.#pending = partial ? text.slice(meta.cursor) : '';
    if (this.#pending.length > limits.cellCharacters) this.#tooLong();
    // Nothing finished: wait for twice as much, so that one long cell is not read again and again.
    this.#wanted = Math.max(pieceCharacters, this.#pending.length * 2);
  }

  #add(row: string[]): void {
    if (this.rows.length >= limits.rows)
      throw new AppError('import-too-large', {
        file: this.#file,
        place: `line ${this.#line}`,
        size: `more than ${counted(limits.rows, 'row')}`,
        limit: counted(limits.rows, 'row'),
      });
    this.rows.push(row);
    this.lines.push(this.#line);
    if (row.some((cell) => cell.length > limits.cellCharacters)) this.#tooLarge();
    this.#line += row.reduce((sum, cell) => sum + lineBreaks(cell), 1);
  }

  #problemAt(text: string, index: number, unclosed: boolean): QuoteProblem {
    const line = this.#line + lineBreaks(text.slice(0, index));
    const found = text.slice(Math.max(0, index - 1), index + 40).split('\n', 1)[0] ?? '';
    return { type: unclosed ? 'unclosed' : 'stray', line, found };
  }

  /** A "cell" that long and of that many lines is the rest of a file behind a quote that nobody closed. */
  #tooLong(): void {
    if (lineBreaks(this.#pending) <= 1000) this.#tooLarge();
    this.quoteProblem = { type: 'unclosed', line: this.#line, found: this.#pending.slice(0, 40) };
  }

  #tooLarge(): never {
    throw new AppError('import-too-large', {
      file: this.#file,
      place: `line ${this.#line}`,
      size: `a cell of more than ${counted(limits.cellCharacters, 'character')}`,
      limit: counted(limits.cellCharacters, 'character'),
    });
  }
}
