import type { Capabilities } from './completion.ts';
import type { AnswerReading } from './task.ts';

/** What is known about each kind of broken system. A new code does not compile until the tables below and the messages know it. */
export type ErrorDetails = {
  /** `unsendable`: the key holds a character that no header takes, so nothing was sent, and there is no status: 0. */
  'provider-unauthorized': { readonly status: number; readonly host: string; readonly unsendable?: true };
  'provider-forbidden': { readonly status: number; readonly host: string; readonly said: string };
  'provider-unreachable': { readonly url: string };
  /** Addresses that came with a run and that nobody has agreed to yet. */
  'address-not-named': { readonly origins: readonly string[] };
  'provider-cors': { readonly url: string; readonly origin: string };
  /** `suggestion`: an address near by that did answer. */
  'provider-wrong-address': { readonly url: string; readonly status: number; readonly suggestion?: string };
  'provider-model-unknown': { readonly model: string; readonly known: readonly string[] };
  'provider-rate-limited': { readonly retryAfterMs?: number };
  /** `of`: whose limit it is, where the server says so. */
  'provider-quota': { readonly said: string; readonly of?: 'project' | 'organization' };
  'provider-overloaded': { readonly status: number; readonly retryAfterMs?: number };
  /** The server sends one elsewhere, and a prompt does not go where nobody sent it. */
  'provider-redirects': { readonly url: string };
  /** The model refuses a parameter of the request. `fix`: what to take it to accept from now on. */
  'provider-parameter': { readonly parameter: string; readonly said: string; readonly fix: Capabilities };
  'provider-rejected': { readonly status: number; readonly said: string };
  'provider-bad-answer': { readonly found: string };
  'provider-timeout': { readonly afterMs: number };
  'row-too-long': { readonly said: string };
  /** The provider's rules forbid an answer to this row. */
  'row-filtered': { readonly said: string };
  /** `blank`: the file has bytes, but nothing to read in them. */
  'import-empty-file': { readonly file: string; readonly blank?: true };
  'import-not-text': { readonly file: string; readonly found: string; readonly remedy: string };
  'import-encoding': { readonly file: string; readonly encoding: string };
  'import-no-rows': { readonly file: string; readonly columns: readonly string[] };
  'import-malformed': {
    readonly file: string;
    readonly line: number;
    readonly expected: string;
    readonly found: string;
  };
  'import-unclosed-quote': { readonly file: string; readonly line: number };
  'import-bad-json': { readonly file: string; readonly line: number; readonly problem: string };
  'import-wrong-shape': { readonly file: string; readonly found: string };
  'import-too-deep': { readonly file: string; readonly place: string; readonly allowed: number };
  'import-too-large': {
    readonly file: string;
    readonly place: string;
    readonly size: string;
    readonly limit: string;
    /** Where a sample of the rows is no way out. */
    readonly remedy?: string;
  };
  'import-no-examples': { readonly file: string; readonly reason: string };
  'import-not-ours': { readonly file: string; readonly wanted: string; readonly problem: string };
  'template-unknown-field': { readonly field: string; readonly known: readonly string[] };
  /** `deed`: what cannot be done with the run, where that is not to start it. `rows`: whatever it is, its data set is gone. */
  'run-invalid': { readonly problems: readonly string[]; readonly deed?: 'continue' | 'change' | 'rows' };
  /** A mistake of ours, with its own words. */
  'app-broke': { readonly said: string };
  /** The page is served in a way that browsers do not trust. */
  'address-insecure': { readonly address: string };
  'run-busy': { readonly run: string };
  'run-missing': { readonly run: string };
  'budget-spent': { readonly limit: string };
  /** Models that take no limit of length, in a run with a limit of tokens or dollars. */
  'answers-unbounded': { readonly models: readonly string[] };
  'storage-full': { readonly neededBytes?: number };
  /** `title` and `remedy`: where the browser does keep something, and another thing is in the way. */
  'storage-unavailable': { readonly reason: string; readonly title?: string; readonly remedy?: string };
  /** A folder of runs that another process writes to. `file`: what says so; `process`: its number, where the file tells. */
  'folder-busy': { readonly folder: string; readonly file: string; readonly process?: number };
  'storage-newer': { readonly found: number; readonly known: number };
  'too-many-failures': { readonly failed: number; readonly of: number; readonly last: string };
  /** `proposal`: a rule that would read most of them. */
  'answers-unreadable': {
    readonly unreadable: number;
    readonly of: number;
    readonly samples: readonly string[];
    readonly proposal?: AnswerReading;
  };
  /** One and the same request was cut off again and again, and may have been charged each time. */
  'call-lost-often': { readonly times: number };
  /** The model promised log-probabilities when it was asked, and gives none. */
  'logprobs-missing': { readonly model: string };
  /** So many requests came to nothing that going on would burn money. */
  'retries-spent': { readonly failed: number; readonly answered: number; readonly last: string };
  /** A request that was cut off because the run was stopped. */
  'call-aborted': Readonly<Record<string, never>>;
  /** Another tab drives runs; only one does at a time. */
  'driven-elsewhere': Readonly<Record<string, never>>;
};
export type ErrorCode = keyof ErrorDetails;

/** A broken system, with the facts of the place. Thrown only for that: one bad row is a result, and abort is not an error. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails[Code];

  constructor(code: Code, details: ErrorDetails[Code], cause?: unknown) {
    super(code, { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** The form in which an error crosses to another thread or into a journal. */
export type ErrorRecord = { readonly code: ErrorCode; readonly details: Readonly<Record<string, unknown>> };

/** Narrows to an AppError of any known code, which `instanceof` alone does not. */
export const isAppError = (thrown: unknown): thrown is AppError => thrown instanceof AppError;

export const toErrorRecord = (error: AppError): ErrorRecord => ({
  code: error.code,
  details: error.details,
});
