import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/error.ts';
import type { DatasetId, RunId } from '#core/id.ts';
import type { AnswerCache, JournalWrite, RunJournal } from '#core/journal.ts';
import type { Dataset } from '#core/example.ts';
import { headFrom } from '#core/run-head.ts';
import { closedByUs } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { checkPlace } from './journal.ts';
import { emptyContents, memoryStorage } from './memory.ts';
import { printLine, readLog, type LogLine, type RunLogContents } from './run-log.ts';

/**
 * Runs as files of a folder, for Node: one log each (`run-log.ts`), and one for answers that belong to no run. A write is on disk, by
 * `fsync`, before it counts. All of it is held in memory too.
 */
export interface FileStorage {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  dataset(id: DatasetId): Promise<Dataset | undefined>;
  /** Kept with the first write of each run that is on this data set. */
  putDataset(dataset: Dataset): Promise<void>;
  /** Runs of this folder, by the names of their files. */
  readonly runs: readonly RunId[];
  /** Files in which something could not be read, with what that was. */
  readonly problems: readonly LogProblem[];
  close(): Promise<void>;
}

type LogProblem = { readonly file: string } & Pick<RunLogContents, 'damaged' | 'torn' | 'unconnected'>;

const ending = '.ndjson';
/** No id of a run: those begin with a digit. */
const looseAnswers = `answers${ending}`;
const fileOf = (run: RunId): string => `${encodeURIComponent(run)}${ending}`;

/** @throws AppError `folder-busy` while another process has it open, `storage-full` or `storage-unavailable` */
export async function fileStorage(folder: string): Promise<FileStorage> {
  await mkdir(folder, { recursive: true }).catch(refuse);
  const unlock = await lockFolder(folder);
  const contents = emptyContents();
  const memory = memoryStorage(contents);
  const problems: LogProblem[] = [];
  const runs: RunId[] = [];
  const logs = new Map<string, Log>();
  const logOf = (file: string): Log => {
    const log = logs.get(file) ?? new Log(join(folder, file));
    logs.set(file, log);
    return log;
  };
  let closing: Promise<void> | undefined;

  const load = async (file: string): Promise<void> => {
    const bytes = await readFile(join(folder, file)).catch(refuse);
    const { head, entries, answers, open: underWay, ...rest } = readLog(bytes);
    if (bytes.length > 0 && bytes.at(-1) !== lineFeed) logOf(file).torn = true;
    if (rest.damaged.length > 0 || rest.torn || rest.unconnected > 0) problems.push({ file, ...rest });
    for (const { call, completion } of answers) if (!contents.answers.has(call)) contents.answers.set(call, completion);
    if (head?.dataset) contents.datasets.set(head.dataset.id, head.dataset);
    const run = head?.run.id ?? headFrom(entries)?.id;
    if (run === undefined || entries.length === 0) return;
    runs.push(run);
    contents.journals.set(run, [...entries]);
    contents.attempts.set(run, new Map(underWay.map((attempt) => [attempt.id, attempt])));
  };

  const firstLine = async (write: JournalWrite): Promise<readonly LogLine[]> => {
    const run = headFrom(write.entries);
    if (!run) return [];
    const dataset = await memory.library.dataset(run.dataset);
    return [{ type: 'head', version: 1, run, ...(dataset ? { dataset } : {}) }];
  };

  try {
    for (const file of (await readdir(folder)).sort()) if (file.endsWith(ending)) await load(file);
  } catch (error) {
    await unlock();
    throw error;
  }
  return {
    journal: {
      // not a copy, as that of the memory is: a long journal would be copied for seconds
      read: (run, from = 0) => Promise.resolve((contents.journals.get(run) ?? []).slice(from)),
      open: (run) => memory.journal.open(run),
      append: (run, write) =>
        logOf(fileOf(run)).inTurn(async (log) => {
          if (closing) throw closedByUs();
          const kept = structuredClone(write);
          checkPlace(run, contents.journals.get(run)?.at(-1)?.seq, kept);
          const lines = kept.next === 0 ? await firstLine(kept) : [];
          await log.append([...lines, { type: 'write', ...kept }]);
          await memory.journal.append(run, kept);
          if (kept.next === 0 && kept.entries.length > 0) runs.push(run);
        }),
    },
    answers: {
      get: (call) => memory.answers.get(call),
      put: (answers) =>
        logOf(looseAnswers).inTurn(async (log) => {
          if (closing) throw closedByUs();
          const missing = structuredClone(answers.filter(({ call }) => !contents.answers.has(call)));
          if (missing.length === 0) return;
          await log.append([{ type: 'write', next: 0, entries: [], answers: missing, sent: [], settled: [] }]);
          await memory.answers.put(missing);
        }),
    },
    dataset: (id) => memory.library.dataset(id),
    putDataset: (dataset) => memory.library.putDataset(dataset),
    runs,
    problems,
    close: () =>
      (closing ??= (async () => {
        for (const log of logs.values()) await log.close();
        memory.close();
        await unlock();
      })()),
  };
}

const lineFeed = 10;

/** One file that is only added to, by one write at a time. */
class Log {
  readonly #path: string;
  #file: Promise<FileHandle> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The file may end in a piece of a line. */
  torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Does this after everything that was asked for before. */
  inTurn<T>(work: (log: Log) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => work(this));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async append(lines: readonly LogLine[]): Promise<void> {
    const bytes = Buffer.concat([...(this.torn ? [Uint8Array.of(lineFeed)] : []), ...lines.map(printLine)]);
    try {
      this.#file ??= open(this.#path, 'a');
      const file = await this.#file;
      this.torn = true;
      await file.appendFile(bytes);
      await file.datasync();
      this.torn = false;
    } catch (error) {
      refuse(error);
    }
  }

  close(): Promise<void> {
    return this.inTurn(async () => (await this.#file)?.close());
  }
}

function refuse(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('storage-full', {}, error);
  throw code ? new AppError('storage-unavailable', { reason: message }, error) : error;
}
