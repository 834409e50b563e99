import { AppError, type ErrorRecord } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, ModelChoice, RunSpec } from '#core/run.ts';
import type { Batch, ConnectionResult, EngineApi, Outcome, SecretEntry } from '#engine/api.ts';
import { proxy, wrap, type Remote } from '#lib/rpc.ts';

/** The page's side of the engine's worker. The worker starts with the first call that needs it. */
export class EngineClient {
  #worker: Remote<EngineApi> | undefined;
  readonly #listeners = new Map<RunId, Set<(entries: readonly JournalEntry[]) => void>>();
  readonly #startWorker: () => Worker;

  constructor(startWorker: () => Worker) {
    this.#startWorker = startWorker;
  }

  start = async (spec: RunSpec): Promise<void> => unwrap(await this.#api.start(spec));
  resume = async (run: RunId): Promise<void> => unwrap(await this.#api.resume(run));
  pause = async (run: RunId): Promise<void> => this.#api.pause(run);
  stop = async (run: RunId): Promise<void> => unwrap(await this.#api.stop(run));
  driving = async (): Promise<readonly RunId[]> => (this.#worker ? this.#api.driving() : []);
  setSecrets = async (secrets: readonly SecretEntry[]): Promise<void> => this.#api.setSecrets(secrets);
  testConnection = async (choice: ModelChoice): Promise<ConnectionResult> => this.#api.testConnection(choice);
  listModels = async (choice: ModelChoice): Promise<readonly string[]> => unwrap(await this.#api.listModels(choice));

  /** Entries of one run as they are written; returns how to stop listening. */
  onEntries(run: RunId, listener: (entries: readonly JournalEntry[]) => void): () => void {
    const listeners = this.#listeners.get(run) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(run, listeners);
    return () => listeners.delete(listener);
  }

  get #api(): Remote<EngineApi> {
    if (!this.#worker) {
      this.#worker = wrap<EngineApi>(this.#startWorker());
      void this.#worker.watch(proxy((batches: readonly Batch[]) => this.#hear(batches)));
    }
    return this.#worker;
  }

  #hear(batches: readonly Batch[]): void {
    for (const { run, entries } of batches) for (const listener of this.#listeners.get(run) ?? []) listener(entries);
  }
}

export const toAppError = ({ code, details }: ErrorRecord): AppError => new AppError(code, details);

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw toAppError(outcome.error);
}
