import * as v from 'valibot';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { JournalEntry, RunBundle } from '#core/run.ts';

/** A whole run in one file: its data set and its journal. Rebuilds every screen; holds no secret, because no event does. */
export const printRunBundle = (dataset: Dataset, entries: readonly JournalEntry[]): string => {
  const bundle: RunBundle = { format: 'automated-prompt-generator/run', version: 1, dataset, entries };
  return `${JSON.stringify(bundle)}\n`;
};

const Envelope = v.object({
  format: v.literal('automated-prompt-generator/run'),
  version: v.number(),
  dataset: v.object({ id: v.string(), name: v.string(), examples: v.array(v.object({ id: v.string() })) }),
  entries: v.pipe(
    v.array(v.object({ seq: v.number(), at: v.number(), event: v.object({ type: v.string() }) })),
    v.minLength(1),
  ),
});

/** @throws AppError `import-bad-json`, or `import-not-ours` with what is wrong with it. */
export function readRunBundle(text: string, file: string): RunBundle {
  const refuse = (problem: string): never => {
    throw new AppError('import-not-ours', { file, wanted: 'a whole run', problem });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('import-bad-json', {
      file,
      line: text.split('\n').length,
      problem: 'the JSON ends too early or has a stray character.',
    });
  }
  const parsed = v.safeParse(Envelope, value);
  if (!parsed.success) return refuse('it is not the export of a whole run.');
  const { version, entries } = parsed.output;
  if (version !== 1)
    return refuse(`it has version ${version}; this page reads version 1. Reload the page to get the newest version.`);
  if (entries.some(({ seq }, index) => seq !== index)) return refuse('events are missing from it.');
  if (entries[0]?.event.type !== 'run-started') return refuse('it does not begin with the start of a run.');
  return value as RunBundle;
}
