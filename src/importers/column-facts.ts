import type { Table } from '#core/import.ts';
import { listIn } from './lists.ts';

/** What can be told about a column at a glance. */
export type ColumnFacts = {
  readonly name: string;
  /** Share of the rows with something in this column, 0…1. */
  readonly filled: number;
  readonly distinct: number;
  /** Mean number of characters of the filled cells. */
  readonly meanLength: number;
  /** The first few different values, cut to a length that a screen can show. */
  readonly samples: readonly string[];
  /** Every filled cell is a number. */
  readonly numeric: boolean;
  /** Nearly every filled cell holds a list of 2 to 12 texts. */
  readonly lists: boolean;
};

const sampleCount = 5;
const sampleLength = 200;
const isNumber = (text: string): boolean => /^[-+]?\d+(?:[.,]\d+)*$/.test(text);

function factsOf(name: string, cells: readonly string[]): ColumnFacts {
  const filled = cells.filter((cell) => cell.trim() !== '');
  const different = new Set(filled);
  const looked = filled.slice(0, 200);
  const lists = looked.filter((cell) => {
    const count = listIn(cell)?.texts.length ?? 0;
    return count >= 2 && count <= 12;
  });
  return {
    name,
    filled: cells.length === 0 ? 0 : filled.length / cells.length,
    distinct: different.size,
    meanLength: filled.length === 0 ? 0 : filled.reduce((sum, cell) => sum + cell.length, 0) / filled.length,
    samples: [...different].slice(0, sampleCount).map((cell) => cell.slice(0, sampleLength)),
    numeric: filled.length > 0 && filled.every((cell) => isNumber(cell.trim())),
    lists: looked.length > 0 && lists.length >= looked.length * 0.9,
  };
}

export const columnFacts = (table: Table): readonly ColumnFacts[] =>
  table.columns.map((name, column) =>
    factsOf(
      name,
      table.rows.map((row) => row[column] ?? ''),
    ),
  );
