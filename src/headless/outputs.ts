import type { Dataset } from '#core/example.ts';
import type { RunReport } from '#core/report.ts';
import type { JournalEntry } from '#core/run.ts';
import { bestPromptsOf } from '#exporters/from-report.ts';
import { printRunBundle } from '#exporters/run-bundle.ts';
import { providerOf } from '#providers/index.ts';
import { writeText } from './files.ts';

/** Writes the files of --json and --run. @returns a sentence for each that could not be written; the other one is, all the same */
export async function writeOutputs(
  { json, run }: { readonly json: string | undefined; readonly run: string | undefined },
  report: RunReport,
  dataset: Dataset,
  entries: readonly JournalEntry[],
): Promise<readonly string[]> {
  const problems = [
    json === undefined ? undefined : await writeResult(json, report),
    run === undefined ? undefined : await writeText(run, printRunBundle(dataset, entries)),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** What stands there may be the prompts that the run began with, or an earlier result. */
async function writeResult(path: string, report: RunReport): Promise<string | undefined> {
  if (report.best === undefined) return `${path} was left as it is: no prompt was tried yet.`;
  return writeText(path, `${JSON.stringify(resultOf(report), null, 2)}\n`);
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
