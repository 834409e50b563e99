import { join } from 'node:path';
import { counted } from '#lib/counted.ts';
import type { Dataset } from '#core/example.ts';
import type { DatasetId, RunId } from '#core/id.ts';
import type { AnswerCache, RunJournal } from '#core/journal.ts';
import type { RunSpec } from '#core/run.ts';
import { foldEntries } from '#engine/run-state.ts';
import { fileStorage, type FileStorage } from '#storage/file-storage.ts';
import { memoryStorage } from '#storage/index.ts';

/** Where a run on the command line is kept. */
export type Keep = {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  dataset(id: DatasetId): Promise<Dataset | undefined>;
  putDataset(dataset: Dataset): Promise<void>;
  /** A run with the same settings that is here already, the newest one; budgets may differ while it has not ended. */
  find(spec: RunSpec): Promise<{ readonly spec: RunSpec; readonly ended: boolean } | undefined>;
  /** The name is taken. */
  has(run: RunId): boolean;
  /** What could not be read of what is kept, in sentences. */
  readonly problems: readonly string[];
  close(): Promise<void>;
};

/** In memory, or in the files of a folder. @throws AppError `folder-busy`, `storage-…` */
export async function openKeep(folder: string | undefined): Promise<Keep> {
  if (folder === undefined) {
    const memory = memoryStorage();
    const { journal, answers, library } = memory;
    return {
      journal,
      answers,
      dataset: (id) => library.dataset(id),
      putDataset: (dataset) => library.putDataset(dataset),
      find: () => Promise.resolve(undefined),
      has: () => false,
      problems: [],
      close: () => {
        memory.close();
        return Promise.resolve();
      },
    };
  }
  const files = await fileStorage(folder);
  return {
    journal: files.journal,
    answers: files.answers,
    dataset: (id) => files.dataset(id),
    putDataset: (dataset) => files.putDataset(dataset),
    async find(spec) {
      for (const run of [...files.runs].sort().reverse()) {
        const entries = await files.journal.read(run);
        const first = entries[0]?.event;
        if (first?.type !== 'run-started' || settingsOf(first.spec) !== settingsOf(spec)) continue;
        const state = foldEntries(entries);
        const ended = state.status === 'ended';
        // one that has ended by other limits is another run; its answers are there all the same
        if (state.spec && (!ended || JSON.stringify(state.spec.budget) === JSON.stringify(spec.budget)))
          return { spec: { ...first.spec, budget: state.spec.budget }, ended };
      }
      return undefined;
    },
    has: (run) => files.runs.includes(run),
    problems: files.problems.flatMap((problem) => problemWords(folder, problem)),
    close: () => files.close(),
  };
}

/** Everything that makes a run what it is, without its id and its limits. */
const settingsOf = ({ id: _, budget: _b, trialOf: _t, ...rest }: RunSpec): string => JSON.stringify(rest);

/** Nothing for the piece of a line that a kill leaves at the end of a file: it is as good as never written. */
function problemWords(
  folder: string,
  { file, damaged, unconnected }: FileStorage['problems'][number],
): readonly string[] {
  if (damaged.length === 0 && unconnected === 0) return [];
  const lines = `${damaged.length === 1 ? 'line' : 'lines'} ${damaged.slice(0, 8).join(', ')}${damaged.length > 8 ? ', …' : ''} cannot be read`;
  const lost =
    unconnected === 0
      ? 'nothing behind is lost'
      : `${counted(unconnected, 'entry', 'entries')} behind the gap ${unconnected === 1 ? 'is' : 'are'} lost. Answers are kept, but these calls are not counted any more`;
  return [`${join(folder, file)}: ${damaged.length === 0 ? '' : `${lines}; `}${lost}.`];
}
