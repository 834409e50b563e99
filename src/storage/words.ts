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

/** The text of each row. */
export function readWords({ text, ends, rows }: Words): (string | undefined)[] {
  const words: (string | undefined)[] = [undefined];
  let start = 0;
  for (const end of ends) {
    words.push(text.slice(start, end));
    start = end;
  }
  const texts: (string | undefined)[] = [];
  for (const row of rows) texts.push(words[row]);
  return texts;
}
