import { isAppError } from '#core/error.ts';
import type { AnswerCache, JournalWrite, RunJournal } from '#core/journal.ts';
import type { Library } from '#core/library.ts';
import { setAsideBallast } from './ballast.ts';
import type { PrivateFiles } from './private-files.ts';
import type { SafetyState } from './safety.ts';
import type { SecondCopy } from './second-copy.ts';

type Kept = { readonly journal: RunJournal; readonly answers: AnswerCache; readonly library: Library };

const goesOn = ({ entries }: JournalWrite): boolean =>
  entries.some(({ event }) => event.type === 'run-started' || event.type === 'run-resumed');

async function secondCopy(files: PrivateFiles, kept: Kept, safety: SafetyState): Promise<SecondCopy> {
  const [{ SecondCopy }] = await Promise.all([import('./second-copy.ts'), import('./blocks.ts')]);
  return new SecondCopy(files, kept, (works) => safety.set({ secondCopy: works }));
}

/** The journal with a second copy in files, where this thread can write them, and deletions that take the files along. */
export async function withFiles(
  kept: Kept,
  files: PrivateFiles | undefined,
  safety: SafetyState,
): Promise<Pick<Kept, 'journal' | 'library'>> {
  if (!files) return kept;
  const { journal, library } = kept;
  // only the engine's worker can write in place; it loads all that it may need before a run, not in the middle of one
  const copy = files.canAppend ? await secondCopy(files, kept, safety) : undefined;
  const removeLog = (run: Parameters<Library['deleteRun']>[0]) =>
    copy ? copy.drop(run) : files.removeLog(run).catch(() => undefined);
  return {
    journal: {
      ...journal,
      async append(run, write) {
        try {
          await journal.append(run, write);
        } catch (error) {
          const code = isAppError(error) ? error.code : undefined;
          // deleted in another tab, perhaps while the last lines were on their way to the file
          if (code === 'run-missing') await copy?.drop(run);
          // what was paid for and found no place in the database: the file tells of it when the page is opened again
          const paid = write.entries.length + write.answers.length > 0;
          if (paid && (code === 'storage-unavailable' || code === 'storage-full'))
            await copy?.note(run, { ...write, sent: [] });
          throw error;
        }
        if (goesOn(write)) void setAsideBallast(files, safety);
        await copy?.note(run, write);
      },
    },
    library: {
      ...library,
      /** The file goes first: one that is left over would look like a run that was lost. */
      async deleteRun(run) {
        await removeLog(run);
        await library.deleteRun(run);
        await removeLog(run);
      },
      /** The files of its runs hold its rows too. */
      async deleteDataset(id) {
        const runs = (await library.runs()).filter(({ dataset }) => dataset === id);
        for (const run of runs) await removeLog(run.id);
        await library.deleteDataset(id);
      },
    },
  };
}
