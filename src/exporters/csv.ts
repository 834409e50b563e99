/** Cells that a spreadsheet would run as a formula get an apostrophe in front; plain numbers stay numbers. */
function safe(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(cell) ? `'${cell}` : cell;
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export type CsvCell = string | number | boolean | undefined;

/**
 * RFC 4180 with a header, and a mark of the encoding in front, without which Excel reads letters beyond English wrong. Numbers are written
 * in full, whatever the language of the person.
 */
export const printCsv = (columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string =>
  '\uFEFF' +
  [columns, ...rows]
    .map((row) => row.map((cell) => quoted(safe(cell === undefined ? '' : String(cell)))).join(','))
    .join('\r\n') +
  '\r\n';
