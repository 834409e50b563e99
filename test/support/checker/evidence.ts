import type { Completion } from '#core/completion.ts';
import type { CallKey } from '#core/id.ts';
import type { Attempt } from '#core/journal.ts';
import type { JournalEntry } from '#core/run.ts';
import type { LedgerRow } from '../fault-server/types.ts';
import type { Recorder } from '../fault-server/recorder.ts';

/** What is laid side by side: what the app believes, and what the server knows. */
export type Evidence = {
  /** The journal of the run, to its end. */
  readonly entries: readonly JournalEntry[];
  readonly ledger: readonly LedgerRow[];
  /** The app's own name of the call in a row of the ledger; undefined where there is none. */
  readonly nameOf: (row: LedgerRow) => CallKey | undefined;
  /** The answer cache. */
  readonly answers: ReadonlyMap<CallKey, Completion>;
  /** All requests that were ever written down before they were sent, where the storage tells. */
  readonly sent?: readonly Attempt[];
  /** What had been stored at some earlier moment, such as each crash. */
  readonly acknowledged?: Iterable<CallKey>;
  /** What the model says to a request, where that can be computed. */
  readonly expectedText?: (row: LedgerRow) => Promise<string | null>;
  /** What the run came to, and what it comes to undisturbed. */
  readonly digests?: { readonly actual: unknown; readonly reference: unknown };
  /** A browser may send a request twice on its own; Node does not. */
  readonly hiddenResends: 'possible' | 'impossible';
  /** The one key that this server should see. */
  readonly keyStart?: string;
  readonly recorder?: Pick<Recorder, 'heard'>;
};

export type Violation = { readonly invariant: `I${number}`; readonly message: string };

/** What both sides say about one call. */
export type CallFile = {
  readonly call: CallKey;
  readonly rows: readonly LedgerRow[];
  readonly billed: number;
  /** Requests that the app knows of. */
  readonly attempts: number;
  /** Of those: the ones of which the app does not know what became, or that failed in a way that may have been charged. */
  readonly unknown: number;
  /** Requests that the app does not know of. */
  readonly hidden: number;
  /** By the clock on the wall, when the first entry that holds the answer was written. */
  readonly storedAt?: number;
};
