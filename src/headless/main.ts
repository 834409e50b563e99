import { setMaxListeners } from 'node:events';
import { systemClock } from '#lib/clock.ts';
import { readArguments, UsageError } from './arguments.ts';
import { checkFolder, checkOutputs } from './files.ts';
import { inLines } from './messages.ts';
import { prepare } from './prepare.ts';
import { run } from './run.ts';
import { usage } from './usage.ts';

/**
 * The command line: the app without its page. Progress and errors go to standard error, the result to standard output.
 * @returns the exit code: 0 done, 1 a broken system or file, 2 a mistake on the command line, 130 interrupted
 */
export async function main(words: readonly string[]): Promise<number> {
  // all requests of a run listen to its one signal; without a limit (0) Node's `fetch` would throw and catch an error at each request
  setMaxListeners(10_000);
  let folder: string | undefined;
  try {
    const given = readArguments(words);
    if (given.help) {
      console.log(usage);
      return 0;
    }
    folder = given.journal;
    if (folder !== undefined) await checkFolder(folder, 'journal');
    const { data, prompts, template, metaPrompt } = given;
    await checkOutputs(given, { data, prompts, template, 'meta-prompt': metaPrompt, journal: folder });
    const { dataset, spec, notes } = await prepare(given, systemClock.now());
    if (!given.quiet) for (const note of notes) console.error(note);
    return await run(given, dataset, spec);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nSee: npm run optimize -- --help`);
      return 2;
    }
    console.error(inLines(error, folder));
    return 1;
  }
}
