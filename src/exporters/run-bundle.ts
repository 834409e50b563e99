import * as v from 'valibot';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { JournalEntry, ModelChoice, RunBundle, RunEvent } from '#core/run.ts';
import { jsonErrorLine } from '#lib/json-line.ts';
import { publicAddress } from './address.ts';
import { completed, misfit, StoredDataset, Texts, Time } from './stored-shapes.ts';

/** A whole run in one file: its data set and its journal. Rebuilds every screen; holds no secret, because no event does. */
export const printRunBundle = (dataset: Dataset, entries: readonly JournalEntry[]): string => {
  const bundle: RunBundle = {
    format: 'automated-prompt-generator/run',
    version: 1,
    dataset,
    entries: entries.map((entry) => ({ ...entry, event: withPublicAddresses(entry.event) })),
  };
  return `${JSON.stringify(bundle)}\n`;
};

/** Addresses lose what could be a key in them; everything else stays as it was. */
function withPublicAddresses(event: RunEvent): RunEvent {
  if (event.type === 'run-stalled') {
    const { url } = event.error.details;
    if (typeof url !== 'string') return event;
    return { ...event, error: { ...event.error, details: { ...event.error.details, url: publicAddress(url) ?? '' } } };
  }
  if (event.type !== 'run-started') return event;
  const { evaluation, generator } = event.spec.models;
  return {
    ...event,
    spec: { ...event.spec, models: { evaluation: cleaned(evaluation), generator: cleaned(generator) } },
  };
}

function cleaned(choice: ModelChoice): ModelChoice {
  const { baseUrl } = choice.values;
  return typeof baseUrl === 'string' && /[@?#]/.test(baseUrl)
    ? { ...choice, values: { ...choice.values, baseUrl: publicAddress(baseUrl) ?? '' } }
    : choice;
}

const Envelope = v.object({
  dataset: StoredDataset,
  entries: v.pipe(
    v.array(v.object({ seq: v.number(), at: Time, event: v.object({ type: v.string() }) })),
    v.minLength(1),
  ),
});
const Start = v.object({
  type: v.literal('run-started'),
  spec: v.object({
    id: v.string(),
    prompts: Texts,
    madePrompts: v.optional(Texts),
    testSeen: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    promptDemos: v.optional(v.array(v.object({ prompt: v.string(), instruction: v.string(), examples: Texts }))),
    split: v.object({ train: Texts, validation: Texts, test: Texts }),
    dataset: v.object({ id: v.string() }),
  }),
});

/** @throws AppError `import-bad-json`, or `import-not-ours` with what is wrong with it. */
export function readRunBundle(text: string, file: string): RunBundle {
  const refuse = (problem: string): never => {
    throw new AppError('import-not-ours', { file, wanted: 'a whole run', problem });
  };
  const json = text.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new AppError('import-bad-json', {
      file,
      line: jsonErrorLine(json),
      problem: 'the JSON ends too early or has a stray character.',
    });
  }
  const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format === 'automated-prompt-generator/prompts')
    return refuse('it holds the best prompts of a run, not the run. It can be opened as starting prompts.');
  if (format !== 'automated-prompt-generator/run')
    return refuse(
      'it is not the export of a whole run. Under Runs such files are opened; a backup of everything is restored in Settings.',
    );
  if (version !== 1)
    return refuse(
      `it has version ${String(version)}; this page reads version 1. Reload the page to get the newest version.`,
    );
  const parsed = v.safeParse(Envelope, value);
  if (!parsed.success) return refuse(misfit(parsed.issues));
  const { entries, dataset } = parsed.output;
  if (entries.some(({ seq }, index) => seq !== index)) return refuse('events are missing from it.');
  const start = v.safeParse(Start, (value as RunBundle).entries[0]?.event);
  if (!start.success) return refuse('it does not begin with the start of a run.');
  if (start.output.spec.dataset.id !== dataset.id) return refuse('its data set is not that of its run.');
  const bundle = value as RunBundle;
  return { ...bundle, dataset: completed(bundle.dataset, dataset) };
}
