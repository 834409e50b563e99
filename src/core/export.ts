import type { Dataset } from './example.ts';
import type { RunReport } from './report.ts';
import type { JournalEntry } from './run.ts';

/** All that an export can be made of. */
export type ExportSource = {
  readonly report: RunReport;
  readonly dataset: Dataset;
  readonly entries: readonly JournalEntry[];
  /** Whether the numbers of this provider come from no language model. */
  readonly simulated: (provider: string) => boolean;
};

/** One file format of a finished or running run. Pure: same run, same bytes. */
export interface Exporter {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Ending of the file's name, with its dot. */
  readonly ending: string;
  readonly mediaType: string;
  print(source: ExportSource): string;
}
