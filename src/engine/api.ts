import type { Budget } from '#core/budget.ts';
import type { ErrorRecord } from '#core/error.ts';
import type { FieldValue } from '#core/fields.ts';
import type { RunId } from '#core/id.ts';
import type { ConnectionReport } from '#core/provider.ts';
import type { JournalEntry, ModelChoice, PersonInput, RunSpec } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import type { Weather } from './calls/limiter.ts';

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

/** What cannot be read from any journal: why nothing happens at the moment. */
export type Conditions = {
  /** By address: whether requests go out freely, are held back, or wait. */
  readonly weather: readonly { readonly lane: string; readonly weather: Weather }[];
  /** Runs that hold answers in memory, because there is no room to keep them; and ended ones whose failed rows could not be asked again. */
  readonly blocked: readonly { readonly run: RunId; readonly error: ErrorRecord }[];
  /** How safe what each engine writes is, as its thread sees it; an engine that has not opened the storage yet says nothing. */
  readonly safety?: readonly EngineSafety[];
};

export type EngineSafety = {
  readonly state: 'ok' | 'full' | 'broken' | 'memory-only';
  /** Whether runs also come to the file beside the database. */
  readonly secondCopy: boolean;
};

export interface EngineApi {
  /** Name of a lock that this engine holds as long as it lives: nothing else tells a page that a worker has died. */
  life(): Promise<string>;
  /** Journals the start of a run and drives it; answers when the start is on disk. Refused while another tab drives. */
  start(spec: RunSpec): Promise<Outcome<void>>;
  /** Takes up a paused, stalled or interrupted run. */
  resume(run: RunId): Promise<Outcome<void>>;
  /** Takes the right to drive from whichever tab has it, and goes on with this run here. */
  takeOver(run: RunId): Promise<Outcome<void>>;
  /** Takes only the right to drive: the runs of the tab that had it are interrupted, and nothing goes on here. */
  takeRight(): Promise<Outcome<void>>;
  pause(run: RunId): Promise<void>;
  stop(run: RunId): Promise<Outcome<void>>;
  /** A prompt, a hint, or the wish to stop after this round. */
  say(run: RunId, input: PersonInput): Promise<Outcome<void>>;
  changeBudget(run: RunId, budget: Budget): Promise<Outcome<void>>;
  rename(run: RunId, name: string): Promise<Outcome<void>>;
  /** Unreadable answers were looked at: goes on, with this rule where there is one. */
  acceptAnswers(run: RunId, reading?: AnswerReading): Promise<Outcome<void>>;
  /** Asks the failed rows once more. */
  retryFailed(run: RunId): Promise<Outcome<void>>;
  /** Runs that this worker drives now. */
  driving(): Promise<readonly RunId[]>;
  setSecrets(secrets: readonly SecretEntry[]): Promise<void>;
  testConnection(choice: ModelChoice): Promise<ConnectionResult>;
  listModels(choice: ModelChoice): Promise<Outcome<readonly string[]>>;
  /** New entries of all runs, in batches. */
  watch(listener: (batches: readonly Batch[]) => void): Promise<void>;
  watchConditions(listener: (conditions: Conditions) => void): Promise<void>;
  /** The network came back, or the computer woke up: what waits looks again. */
  wake(what: 'online' | 'offline' | 'slept'): Promise<void>;
}

/** The right to drive runs is one for all tabs: then limits, calls under way and budgets have one keeper. */
export const engineLock = 'automated-prompt-generator:engine';
/** Held beside it, so that other tabs see which runs are driven. */
export const runLock = (run: RunId): string => `automated-prompt-generator:run:${run}`;
/** Other tabs hear here that a run has gone on: `{ run }`. A hint to read its journal, and nothing to be believed. */
export const runsChannel = 'automated-prompt-generator:runs';

/** Where a secret belongs to: the provider and, where it has an address, the address's origin. A key is never sent anywhere else. */
export function secretPlace({ provider, values }: ModelChoice): string {
  const url = values['baseUrl'];
  return `${provider} ${typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : ''}`;
}
