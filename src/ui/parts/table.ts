import type { Snippet } from 'svelte';

export type Column<Row> = {
  readonly id: string;
  readonly label: string;
  /** Stands beside the label, such as a `Hint`. */
  readonly hint?: Snippet;
  /** What is sorted by; undefined sorts last in either direction. */
  readonly value: (row: Row) => string | number | undefined;
  /** What is shown, where it is not the value itself. */
  readonly text?: (row: Row) => string;
  /** What is shown, where text is not enough. */
  readonly cell?: Snippet<[Row]>;
  readonly number?: boolean;
  readonly sortable?: boolean;
  /** Any CSS length. */
  readonly width?: string;
  /** The cell names the row: its content is the button that selects the row. */
  readonly names?: boolean;
};
export type Sort = { readonly column: string; readonly direction: 'ascending' | 'descending' };

type Sortable = string | number | undefined;

/** A sorted copy. Numbers by size, texts as a person would, unknown last in either direction; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: ((row: Row) => Sortable) | undefined,
  direction: 'ascending' | 'descending' = 'ascending',
): readonly Row[] {
  if (!value) return rows;
  const sign = direction === 'ascending' ? 1 : -1;
  const texts = new Intl.Collator('en', { numeric: true });
  return [...rows].sort((left, right) => {
    const a = value(left);
    const b = value(right);
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : texts.compare(String(a), String(b)));
  });
}

/** Which rows to draw, with some to spare on both sides so that quick scrolling shows no hole. */
export function windowOf(
  length: number,
  top: number,
  visible: number,
  rowHeight: number,
): { readonly from: number; readonly to: number } {
  const spare = 12;
  const first = Math.min(Math.floor(top / rowHeight), Math.max(0, length - 1));
  const from = Math.max(0, first - spare);
  return { from, to: Math.min(length, Math.ceil((top + visible) / rowHeight) + spare) };
}
