import type { LedgerRow } from './types.ts';

export type Summary = {
  readonly calls: number;
  readonly billed: number;
  readonly uniquePaid: number;
  /** Billed beyond once per call. */
  readonly extraPaid: number;
  readonly paidTwiceCalls: number;
  /** Billed, and the client had gone or never got it. */
  readonly neverDelivered: number;
  readonly costUsd: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Most requests in any stretch of this length. */
  readonly most: { readonly perSecond: number; readonly per10Seconds: number; readonly perMinute: number };
  /** Calls by a key while a refusal's hint for that key was still running. */
  readonly hintViolations: number;
  readonly mostUnderWay: number;
  readonly callsAfterTerminalError: number;
};

/** Answers after which nothing that the program does by itself can help. */
const isTerminal = ({ status, code = '' }: LedgerRow): boolean =>
  status === 401 ||
  status === 402 ||
  status === 403 ||
  status === 404 ||
  (status === 429 && /quota|credit|spend_limit|usage_limit/.test(code));

export const isCompletionRow = ({ method, path }: LedgerRow): boolean =>
  method === 'POST' && path.endsWith('/chat/completions');

/** What the ledger adds up to. Counts completions; lists of models and preflights cost nothing. */
export function summarize(all: readonly LedgerRow[]): Summary {
  const rows = all.filter(isCompletionRow);
  const billed = rows.filter((row) => row.billed);
  const timesPaid = countBy(billed, ({ call }) => call ?? '');
  const firstTerminal = rows.find(isTerminal);
  return {
    calls: rows.length,
    billed: billed.length,
    uniquePaid: timesPaid.size,
    extraPaid: billed.length - timesPaid.size,
    paidTwiceCalls: [...timesPaid.values()].filter((times) => times > 1).length,
    neverDelivered: billed.filter(({ completed, clientGone }) => clientGone || !completed).length,
    costUsd: billed.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0),
    byStatus: Object.fromEntries(countBy(rows, ({ status }) => String(status ?? 'under way'))),
    most: {
      perSecond: mostWithin(rows, 1000),
      per10Seconds: mostWithin(rows, 10_000),
      perMinute: mostWithin(rows, 60_000),
    },
    hintViolations: hintViolations(rows).length,
    mostUnderWay: mostUnderWay(rows),
    callsAfterTerminalError: firstTerminal ? rows.filter(({ atMs }) => atMs > (firstTerminal.doneAtMs ?? 0)).length : 0,
  };
}

/**
 * Calls that came although a refusal had told this key to wait longer. A call can have been on its way when the refusal was sent:
 * `onTheWayMs` is not held against it, nor is being early by a rounding.
 */
export function hintViolations(rows: readonly LedgerRow[], onTheWayMs = 50, roundingMs = 5): readonly LedgerRow[] {
  const hints = rows.flatMap(({ keyStart, doneAtMs, hintMs, hintReadable }) =>
    hintMs !== undefined && hintReadable && doneAtMs !== undefined
      ? [{ keyStart, from: doneAtMs + onTheWayMs, to: doneAtMs + hintMs - roundingMs }]
      : [],
  );
  return rows.filter(({ atMs, keyStart }) =>
    hints.some((hint) => hint.keyStart === keyStart && atMs > hint.from && atMs < hint.to),
  );
}

function countBy<T>(items: readonly T[], name: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(name(item), (counts.get(name(item)) ?? 0) + 1);
  return counts;
}

function mostWithin(rows: readonly LedgerRow[], stretchMs: number): number {
  let most = 0;
  let first = 0;
  rows.forEach(({ atMs }, last) => {
    while ((rows[first]?.atMs ?? atMs) <= atMs - stretchMs) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

function mostUnderWay(rows: readonly LedgerRow[]): number {
  const steps = rows.flatMap(({ atMs, doneAtMs }) => [
    { at: atMs, change: 1 },
    ...(doneAtMs === undefined ? [] : [{ at: doneAtMs, change: -1 }]),
  ]);
  steps.sort((a, b) => a.at - b.at || a.change - b.change);
  let now = 0;
  return steps.reduce((most, { change }) => Math.max(most, (now += change)), 0);
}
