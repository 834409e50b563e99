import type { ErrorRecord } from '#core/error.ts';
import type { FieldValue } from '#core/fields.ts';
import type { RunId } from '#core/id.ts';
import type { ConnectionReport } from '#core/provider.ts';
import type { JournalEntry, ModelChoice, RunSpec } from '#core/run.ts';

/** What crosses between the page and the engine's worker. Everything survives `structuredClone`. */

/** Errors cross as data: a thrown one would arrive without its code. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorRecord };

export type Batch = { readonly run: RunId; readonly entries: readonly JournalEntry[] };

/** Secrets by the model choice they belong to; kept in the worker's memory and nowhere else. */
export type SecretEntry = {
  readonly provider: string;
  readonly origin: string;
  readonly values: Readonly<Record<string, FieldValue>>;
};

/** What "Test connection" found, with its error as a record. */
export type ConnectionResult =
  | Omit<Extract<ConnectionReport, { ok: true }>, 'calls'>
  | (Omit<Extract<ConnectionReport, { ok: false }>, 'error' | 'calls'> & { readonly error: ErrorRecord });

export interface EngineApi {
  /** Journals the start of a run and drives it; answers when the start is on disk. */
  start(spec: RunSpec): Promise<Outcome<void>>;
  /** Takes up a paused, stalled or interrupted run. */
  resume(run: RunId): Promise<Outcome<void>>;
  pause(run: RunId): Promise<void>;
  stop(run: RunId): Promise<Outcome<void>>;
  /** Runs that this worker drives now. */
  driving(): Promise<readonly RunId[]>;
  setSecrets(secrets: readonly SecretEntry[]): Promise<void>;
  testConnection(choice: ModelChoice): Promise<ConnectionResult>;
  listModels(choice: ModelChoice): Promise<Outcome<readonly string[]>>;
  /** New entries of all runs, in batches. */
  watch(listener: (batches: readonly Batch[]) => void): Promise<void>;
}

/** Where a secret belongs to: the provider and, where it has an address, the address's origin. A key is never sent anywhere else. */
export function secretPlace({ provider, values }: ModelChoice): string {
  const url = values['baseUrl'];
  return `${provider} ${typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : ''}`;
}
