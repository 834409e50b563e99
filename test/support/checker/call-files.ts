import type { CallKey } from '#core/id.ts';
import { isCompletionRow } from '../fault-server/ledger.ts';
import type { LedgerRow } from '../fault-server/types.ts';
import type { CallFile, Evidence } from './evidence.ts';

/** One file for each call that either side knows. */
export function callFiles(evidence: Evidence): ReadonlyMap<CallKey, CallFile> {
  const rows = new Map<CallKey, LedgerRow[]>();
  for (const row of evidence.ledger) {
    const call = isCompletionRow(row) ? evidence.nameOf(row) : undefined;
    if (call !== undefined) rows.set(call, [...(rows.get(call) ?? []), row]);
  }
  const lost = countLost(evidence);
  const failed = countFailed(evidence);
  const stored = storedTimes(evidence);
  const written = evidence.sent && countCalls(evidence.sent.map(({ call }) => call));
  const calls = new Set<CallKey>([...rows.keys(), ...lost.keys(), ...failed.all.keys(), ...stored.keys()]);
  return new Map(
    [...calls].map((call) => {
      const own = rows.get(call) ?? [];
      const answered = evidence.answers.has(call) && own.length > 0 ? 1 : 0;
      const attempts = written?.get(call) ?? (lost.get(call) ?? 0) + (failed.all.get(call) ?? 0) + answered;
      const storedAt = stored.get(call);
      return [
        call,
        {
          call,
          rows: own,
          billed: own.filter(({ billed }) => billed).length,
          attempts,
          unknown: (lost.get(call) ?? 0) + (failed.maybeCharged.get(call) ?? 0),
          hidden: Math.max(0, own.length - attempts),
          ...(storedAt === undefined ? {} : { storedAt }),
        },
      ];
    }),
  );
}

const countLost = ({ entries }: Evidence): ReadonlyMap<CallKey, number> =>
  countCalls(
    entries.flatMap(({ event }) => (event.type === 'calls-lost' ? event.attempts.map(({ call }) => call) : [])),
  );

function countFailed({ entries }: Evidence) {
  const events = entries.flatMap(({ event }) => (event.type === 'call-failed' ? event : []));
  return {
    all: countCalls(events.map(({ call }) => call)),
    maybeCharged: countCalls(events.filter(({ charged }) => charged === 'maybe').map(({ call }) => call)),
  };
}

function storedTimes({ entries }: Evidence): ReadonlyMap<CallKey, number> {
  const times = new Map<CallKey, number>();
  for (const { at, event } of entries) {
    const call =
      event.type === 'text-generated'
        ? event.call
        : event.type === 'example-evaluated' && event.result.type === 'answered'
          ? event.result.call
          : undefined;
    if (call !== undefined && !times.has(call)) times.set(call, at);
  }
  return times;
}

function countCalls(calls: readonly CallKey[]): ReadonlyMap<CallKey, number> {
  const counts = new Map<CallKey, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}
