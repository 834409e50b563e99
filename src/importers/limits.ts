/** Ceilings that keep one bad file from taking the page down. Each is far above an evaluation set that a person would tune on. */
export const limits = {
  /** Delimited text and JSON lines are read piece by piece. */
  streamedBytes: 256 * 2 ** 20,
  /** A JSON document must be held as a whole, several times over. */
  documentBytes: 64 * 2 ** 20,
  cellCharacters: 10_000_000,
  rows: 500_000,
  columns: 1_000,
  /** Lists and objects inside each other. */
  depth: 100,
} as const;

const megabyte = 2 ** 20;
export const inMegabytes = (bytes: number): string => `${(bytes / megabyte).toFixed(bytes < 10 * megabyte ? 1 : 0)} MB`;
