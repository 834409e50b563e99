/** A column of texts: each different one is kept once, and all of them in one piece, which browsers read many times faster. */
export type Words = {
  readonly text: string;
  /** Where each word ends in `text`. */
  readonly ends: Uint32Array;
  /** The word of each row, from 1; 0: none. */
  readonly rows: Uint16Array;
};

/** Takes fewer than 65,536 rows. */
export function packWords(values: readonly (string | undefined)[]): Words {
  const known = new Map<string, number>();
  const rows = Uint16Array.from(values, (value) => {
    if (value === undefined) return 0;
    const place = known.get(value) ?? known.size + 1;
    known.set(value, place);
    return place;
  });
  let end = 0;
  const words = [...known.keys()];
  return { text: words.join(''), ends: Uint32Array.from(words, ({ length }) => (end += length)), rows };
}

/** The text of a row by its number. */
export function readWords({ text, ends, rows }: Words): (row: number) => string | undefined {
  const words = Array.from(ends, (end, index) => text.slice(ends[index - 1] ?? 0, end));
  return (row) => words[(rows[row] ?? 0) - 1];
}
