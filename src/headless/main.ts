import { systemClock } from '#lib/clock.ts';
import { createRandom, freshSeed } from '#lib/random.ts';
import { AppError } from '#core/error.ts';
import { describeThrown } from '#core/messages.ts';
import type { RunReport } from '#core/report.ts';
import { printRunBundle } from '#exporters/run-bundle.ts';
import { bestPromptsOf } from '#exporters/from-report.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { reportOf } from '#engine/report.ts';
import { RunSession } from '#engine/session.ts';
import { providerOf } from '#providers/index.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../compose.ts';
import { readArguments, UsageError } from './arguments.ts';
import { checkWritable, writeText } from './files.ts';
import { prepare, secretsFromEnvironment } from './prepare.ts';
import { createProgress } from './progress.ts';
import { usage } from './usage.ts';

/**
 * The command line: the app without its page. Progress and errors go to standard error, the result to standard output.
 * @returns the exit code: 0 done, 1 a broken system or file, 2 a mistake on the command line.
 */
export async function main(words: readonly string[]): Promise<number> {
  let stop = (): void => undefined;
  const interrupted = (): void => stop();
  try {
    const given = readArguments(words);
    if (given.help) {
      console.log(usage);
      return 0;
    }
    for (const name of ['json', 'run'] as const) if (given[name] !== undefined) await checkWritable(given[name], name);
    const { dataset, spec } = await prepare(given, systemClock.now());
    const storage = memoryStorage();
    await storage.library.putDataset(dataset);
    const progress = createProgress(spec, given.quiet);
    const session: RunSession = new RunSession(spec.id, {
      ...createSessionTools(
        { journal: storage.journal, answers: storage.answers, dataset: (id) => storage.library.dataset(id) },
        secretsFromEnvironment(given),
        new Traffic({ clock: systemClock, random: createRandom(freshSeed()) }),
      ),
      seen: (entries) => progress.show(entries, () => reportOf(session.state)),
    });
    stop = () => session.stop();
    process.once('SIGINT', interrupted);
    await session.begin(spec);
    await session.drive();
    const report = reportOf(session.state);
    if (!report) throw new Error('Bug: a run without a report');
    progress.end();
    if (given.json !== undefined) await writeText(given.json, `${JSON.stringify(resultOf(report), null, 2)}\n`);
    if (given.run !== undefined)
      await writeText(given.run, printRunBundle(dataset, await storage.journal.read(spec.id)));
    if (report.stall) throw new AppError(report.stall.code, report.stall.details);
    progress.result(report);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nSee: npm run optimize -- --help`);
      return 2;
    }
    const { title, sentence, remedy } = describeThrown(error);
    console.error(`${title}. ${sentence}\n${remedy}`);
    return 1;
  } finally {
    process.off('SIGINT', interrupted);
  }
}

/** The export of the best prompts, with the verdict and the exact numbers that benchmarks read. */
const resultOf = (report: RunReport) => ({
  ...bestPromptsOf(report, (provider) => providerOf(provider)?.simulated ?? false),
  result: {
    status: report.status,
    best: report.best ?? null,
    baseline: report.baseline ?? null,
    /** Best minus baseline on the sealed rows, paired, 95 %. Null when they are the same prompt or were not opened. */
    comparison: report.comparison ?? null,
    end: report.end ?? null,
    runningMs: report.runningMs,
  },
});
