import type { Clock } from '#lib/clock.ts';
import type { Capabilities, ModelClient } from './completion.ts';
import type { AppError } from './error.ts';
import type { Example } from './example.ts';
import type { Fields, Values } from './fields.ts';
import type { TaskSpec } from './task.ts';

/** The labelled rows of a run. Only a simulated model looks at them: it has no other way to be right. */
export type AnswerKey = { readonly task: TaskSpec; readonly examples: readonly Example[] };

/** What a provider is handed besides its options. */
export type ConnectTools = {
  readonly clock: Clock;
  /** What the model accepts, where a run's journal knows it already. Absent: everything is asked for until a probe says otherwise. */
  readonly capabilities?: Capabilities;
  readonly answerKey?: AnswerKey;
};

/** What "Test connection" found. The error's code tells a wrong key, a wrong address, a refusing and a silent server apart. */
export type ConnectionReport =
  | {
      readonly ok: true;
      /** Names of the models that the server offers; empty where it does not tell. */
      readonly models: readonly string[];
      /** Whether the chosen model is one of them. A model that answers without being listed is usable all the same. */
      readonly listed: boolean;
      readonly capabilities: Capabilities;
      /** Of the last answered call. */
      readonly latencyMs: number;
      /** Completions that were asked for, and may be charged. */
      readonly calls: number;
    }
  | {
      readonly ok: false;
      readonly error: AppError;
      /** The list of models, where the server gave it before the failure. */
      readonly models: readonly string[];
      readonly calls: number;
    };

/** A place where models answer. Adding one = one file + one line in providers/index.ts. */
export interface Provider<F extends Fields = Fields> {
  readonly id: string;
  readonly label: string;
  /** One or two sentences for the person who chooses: what it needs, and where the data goes. */
  readonly description: string;
  /** Its numbers are play: everything that comes from it is marked on screen and in exports. */
  readonly simulated: boolean;
  readonly fields: F;
  /** Makes a model ready to be asked. Asks nothing yet. */
  connect(values: Values<F>, tools: ConnectTools): Promise<ModelClient>;
  /**
   * Names of the models on offer, sorted.
   * @throws AppError with a `provider-…` code.
   */
  listModels(values: Values<F>, signal: AbortSignal): Promise<readonly string[]>;
  /** Never throws for a broken system: that is what the report is for. Aborting rejects, as everywhere. */
  test(values: Values<F>, tools: ConnectTools, signal: AbortSignal): Promise<ConnectionReport>;
}

/** Keeps the type of the fields while it stands in a registry of all providers. */
export const defineProvider = <const F extends Fields>(provider: Provider<F>): Provider<F> => provider;
