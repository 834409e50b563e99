import type { Dataset } from '#core/example.ts';
import type { Attempt, JournalWrite, StoredAnswer } from '#core/journal.ts';
import type { JournalEntry, RunHead } from '#core/run.ts';
import { crc32 } from './crc32.ts';
import { fromLogEntry, toLogEntry, type LogEntry } from './log-entry.ts';

/**
 * A run as a file that is only ever added to: one line for each write, `crc32 JSON`. The first line says what run it is and brings its
 * data set, so that the file alone can rebuild the run.
 */
export type LogLine =
  | { readonly type: 'head'; readonly version: 1; readonly run: RunHead; readonly dataset?: Dataset }
  | ({ readonly type: 'write' } & JournalWrite);

type LogHead = Extract<LogLine, { type: 'head' }>;

/** What a log tells, as far as it can be read. */
export type RunLogContents = {
  readonly head: LogHead | undefined;
  /** Without gaps, from number 0 on. */
  readonly entries: readonly JournalEntry[];
  /** All answers of the file, also of writes whose entries could not be used: they were paid for. */
  readonly answers: readonly StoredAnswer[];
  readonly open: readonly Attempt[];
  /** Numbers of the lines that cannot be read, from 1. */
  readonly damaged: readonly number[];
  /** The last line was cut off while it was written: as good as never written. */
  readonly torn: boolean;
  /** Entries behind a damaged line that nothing connects to the rest. */
  readonly unconnected: number;
};

/** As it stands in the file. */
type Written =
  LogHead | (Omit<Extract<LogLine, { type: 'write' }>, 'entries'> & { readonly entries: readonly LogEntry[] });

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lineFeed = 10;
const sumLength = 9; // eight hexadecimal digits and a space

export function printLine(line: LogLine): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(
    toJson(line.type === 'write' ? { ...line, entries: line.entries.map(toLogEntry) } : line),
  );
  const bytes = new Uint8Array(sumLength + json.length + 1);
  bytes.set(encoder.encode(`${crc32(json).toString(16).padStart(8, '0')} `));
  bytes.set(json, sumLength);
  bytes[bytes.length - 1] = lineFeed;
  return bytes;
}

/** `JSON.stringify` writes −0 as 0, though JSON has it and the entropy of a certain answer is it. */
function toJson(value: unknown): string {
  let found = 0;
  const plain = JSON.stringify(value, (_, part: unknown) => {
    if (Object.is(part, -0)) found += 1;
    return part;
  });
  if (found === 0) return plain;
  let mark = '\0'; // becomes a text that occurs nowhere in this one
  while (plain.includes(JSON.stringify(mark).slice(1, -1))) mark += '\0';
  const marked = JSON.stringify(value, (_, part: unknown) => (Object.is(part, -0) ? mark : part));
  return marked.replaceAll(JSON.stringify(mark), '-0');
}

/** Never throws: what cannot be read is counted. */
export function readLog(bytes: Uint8Array): RunLogContents {
  let head: LogHead | undefined;
  const entries: JournalEntry[] = [];
  const answers: StoredAnswer[] = [];
  const open = new Map<string, Attempt>();
  const damaged: number[] = [];
  let torn = false;
  let unconnected = 0;
  for (const { line, number, last } of linesOf(bytes)) {
    if (line === undefined) {
      if (last) torn = true;
      else damaged.push(number);
    } else if (line.type === 'head') head ??= line;
    else {
      for (const answer of line.answers) answers.push(answer);
      for (const attempt of line.sent) open.set(attempt.id, attempt);
      for (const id of line.settled) open.delete(id);
      if (line.next > entries.length) {
        unconnected += line.entries.length;
        continue;
      }
      // a driver that was replaced brings home late what was written already
      if (standThere(line.entries, entries.slice(line.next, line.next + line.entries.length))) continue;
      // a journal that had lost its end was gone on with from here: the later line is what happened
      entries.length = line.next;
      for (const entry of line.entries) entries.push(entry);
    }
  }
  return { head, entries, answers, open: [...open.values()], damaged, torn, unconnected };
}

const standThere = (some: readonly JournalEntry[], known: readonly JournalEntry[]): boolean =>
  some.length === known.length && toJson(some.map(toLogEntry)) === toJson(known.map(toLogEntry));

/**
 * The number that follows the last entry of a log, read from its last bytes alone; undefined when they hold no whole line of a write.
 * For a quick look at logs of many megabytes.
 */
export function endOfLog(tail: Uint8Array): number | undefined {
  for (let end = tail.length; end > 0;) {
    const start = tail.lastIndexOf(lineFeed, end - 1) + 1;
    const line = start < end ? parseLine(tail.subarray(start, end)) : undefined;
    if (line?.type === 'write') return line.next + line.entries.length;
    end = start - 1;
  }
  return undefined;
}

function* linesOf(bytes: Uint8Array): Generator<{ line: LogLine | undefined; number: number; last: boolean }> {
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    number += 1;
    // an empty line stands where the writer closed off a torn one
    if (end > start) yield { line: parseLine(bytes.subarray(start, end)), number, last: found < 0 };
    start = end + 1;
  }
}

function parseLine(bytes: Uint8Array): LogLine | undefined {
  const json = bytes.subarray(sumLength);
  try {
    const sum = decoder.decode(bytes.subarray(0, sumLength));
    if (!/^[0-9a-f]{8} $/.test(sum) || parseInt(sum, 16) !== crc32(json)) return undefined;
    const line = JSON.parse(decoder.decode(json)) as Written;
    if (!isLine(line)) return undefined;
    if (line.type === 'head') return line;
    return { ...line, entries: line.entries.map((entry, index) => fromLogEntry(entry, line.next + index)) };
  } catch {
    return undefined;
  }
}

/** What has the right sum was written by us: only the outline is looked at, for lines of a later version. */
function isLine(line: Partial<Written> | null): line is Written {
  if (line?.type === 'head') return line.version === 1 && typeof line.run?.id === 'string';
  if (line?.type !== 'write') return false;
  const { next, entries, answers, sent, settled } = line;
  return Number.isSafeInteger(next) && [entries, answers, sent, settled].every(Array.isArray);
}
