import type { CallKey, RunId } from '#core/id.ts';
import type { AnswerCache, JournalWrite, RunJournal, StoredAnswer } from '#core/journal.ts';
import type { Library } from '#core/library.ts';
import { headFrom } from '#core/run-head.ts';
import type { JournalEntry } from '#core/run.ts';
import type { PrivateFiles } from './private-files.ts';
import { endOfLog, printLine, readLog, type LogLine } from './run-log.ts';

type Source = { readonly journal: RunJournal; readonly answers: AnswerCache; readonly library: Library };

/** Writes that may wait for the file before the next one is kept back: the file is never far behind, and memory is bounded. */
const mostWaiting = 16;
/** A note that a request goes out waits so long for an answer to be written with: opening the file costs more than the line in it. */
const companyMs = 100;
const isFact = ({ entries, answers, settled }: JournalWrite): boolean =>
  entries.length + answers.length + settled.length > 0;
/** Enough for the last writes of a run; a log whose last line is longer, or that lacks something, is read whole. */
const tailBytes = 65_536;
/** Entries that are told in one line when a log catches up. */
const entriesPerLine = 1000;

/**
 * Writes what the database has acknowledged to the log of the run too. A failure here costs the second copy and nothing else: the log
 * then catches up from the database, at the next write, or after a few more when it goes on failing.
 */
export class SecondCopy {
  readonly #files: PrivateFiles;
  readonly #source: Source;
  readonly #told: (works: boolean) => void;
  readonly #runs = new Map<RunId, RunCopy>();

  constructor(files: PrivateFiles, source: Source, told: (works: boolean) => void) {
    this.#files = files;
    this.#source = source;
    this.#told = told;
  }

  /** Never fails. Resolves at once unless the file is far behind. */
  async note(run: RunId, write: JournalWrite): Promise<void> {
    const copy = this.#runs.get(run) ?? {
      waiting: [],
      writing: undefined,
      hurry: undefined,
      upToDate: false,
      failures: 0,
      pass: 0,
    };
    this.#runs.set(run, copy);
    copy.waiting.push(write);
    copy.writing ??= this.#drain(run, copy);
    if (isFact(write) || copy.waiting.length >= mostWaiting) copy.hurry?.();
    if (copy.waiting.length >= mostWaiting) await copy.writing;
  }

  /** The run was deleted. */
  async drop(run: RunId): Promise<void> {
    const copy = this.#runs.get(run);
    this.#runs.delete(run);
    if (copy) copy.waiting = [];
    copy?.hurry?.();
    if (copy?.writing) await copy.writing;
    await this.#files.removeLog(run).catch(() => undefined);
  }

  async #drain(run: RunId, copy: RunCopy): Promise<void> {
    await Promise.resolve(); // so that it has not ended before it is known to be under way
    while (copy.waiting.length > 0) {
      if (copy.waiting.length < mostWaiting && !copy.waiting.some(isFact)) await company(copy);
      const batch = copy.waiting;
      copy.waiting = [];
      if (copy.pass > 0) {
        copy.pass -= 1;
        continue; // the log catches up later
      }
      const works =
        (copy.upToDate && (await this.#write(run, batch))) ||
        // the file was deleted or damaged by somebody else, or this is the first write
        (await this.#missed(run, batch[0]?.next ?? 0)
          .then((missed) => this.#write(run, batch, missed))
          .catch(() => false));
      copy.upToDate = works;
      copy.failures = works ? 0 : copy.failures + 1;
      copy.pass = works ? 0 : Math.min(64, 2 ** copy.failures - 1);
      this.#told(works);
    }
    copy.writing = undefined;
  }

  async #write(run: RunId, batch: readonly JournalWrite[], missed: readonly LogLine[] = []): Promise<boolean> {
    const lines = [...missed, ...batch.map((write): LogLine => ({ type: 'write', ...write }))];
    const begins = lines[0]?.type === 'head';
    return this.#files.appendToLog(run, joined(lines.map(printLine)), begins).then(
      () => true,
      () => false,
    );
  }

  /** What the log lacks in front of an entry: all of it for a new one. */
  async #missed(run: RunId, next: number): Promise<readonly LogLine[]> {
    const { journal, library } = this.#source;
    const tail = await this.#files.readLog(run, tailBytes);
    if (tail.length > 0 && endOfLog(tail) === next) return [];
    const log = tail.length === 0 ? undefined : readLog(await this.#files.readLog(run));
    const from = Math.min(log?.entries.length ?? 0, next);
    const entries = (await journal.read(run, from)).filter(({ seq }) => seq < next);
    const lines: LogLine[] = [];
    if (!log?.head) {
      const head = headFrom(from === 0 && entries.length > 0 ? entries : await journal.read(run));
      const dataset = head && (await library.dataset(head.dataset));
      if (head) lines.push({ type: 'head', version: 1, run: head, ...(dataset ? { dataset } : {}) });
    }
    for (let at = 0; at < entries.length; at += entriesPerLine) {
      const some = entries.slice(at, at + entriesPerLine);
      const answers = await this.#answersOf(some);
      lines.push({ type: 'write', next: from + at, entries: some, answers, sent: [], settled: [] });
    }
    if (next === 0) return lines;
    const sent = await journal.open(run);
    const settled = (log?.open ?? []).map(({ id }) => id).filter((id) => !sent.some((attempt) => attempt.id === id));
    if (sent.length + settled.length > 0) lines.push({ type: 'write', next, entries: [], answers: [], sent, settled });
    return lines;
  }

  async #answersOf(entries: readonly JournalEntry[]): Promise<readonly StoredAnswer[]> {
    const calls = [...new Set(entries.flatMap(({ event }) => callOf(event) ?? []))];
    const found = await Promise.all(calls.map((call) => this.#source.answers.get(call)));
    return calls.flatMap((call, index) => {
      const completion = found[index];
      return completion ? [{ call, completion }] : [];
    });
  }
}

/** Until something comes that does not wait. */
const company = (copy: RunCopy): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      copy.hurry = undefined;
      resolve();
    };
    const timer = setTimeout(go, companyMs);
    copy.hurry = go;
  });

type RunCopy = {
  waiting: JournalWrite[];
  writing: Promise<void> | undefined;
  /** Set while notes wait for company: ends the wait. */
  hurry: (() => void) | undefined;
  /** The log holds everything before the first waiting write. */
  upToDate: boolean;
  failures: number;
  /** Batches to let pass before the next attempt. */
  pass: number;
};

function callOf(event: JournalEntry['event']): CallKey | undefined {
  if (event.type === 'text-generated') return event.call;
  return event.type === 'example-evaluated' && event.result.type === 'answered' ? event.result.call : undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
