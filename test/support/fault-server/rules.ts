import { createRandom, type Random } from '#lib/random.ts';
import type { Arrival, FaultServerConfig, LedgerRow, Rule, When } from './types.ts';

/** The chance of one request: a stream of its own, so that requests do not shift each other's draws. */
export const chanceOf = ({ seed, schedule }: FaultServerConfig, row: LedgerRow): Random =>
  createRandom(
    schedule === 'by-key' && row.call !== undefined ? `${seed}/${row.call}/${row.attempt}` : `${seed}/${row.n}`,
  );

/** Picks the rule for each request, and counts how often each one has matched. */
export class RuleBook {
  readonly #matches = new Map<string, number>();
  readonly #uses = new Map<string, number>();

  /** The first rule that applies. Preflights meet `preflight-deny` and nothing else, and nothing else meets that. */
  find(config: FaultServerConfig, arrival: Arrival, nowMs: number): Rule | undefined {
    const isPreflight = arrival.row.method === 'OPTIONS';
    return config.rules.find((rule) => {
      if ((rule.fault?.type === 'preflight-deny') !== isPreflight) return false;
      if (!fits(rule.when ?? {}, arrival, nowMs)) return false;
      const name = config.schedule === 'by-key' ? `${rule.name}/${arrival.row.call ?? ''}` : rule.name;
      const matches = count(this.#matches, name);
      if (rule.every !== undefined && matches % rule.every !== 0) return false;
      if (rule.p !== undefined && chanceOf(config, arrival.row).fork(rule.name).next() >= rule.p) return false;
      if (rule.times !== undefined && (this.#uses.get(name) ?? 0) >= rule.times) return false;
      count(this.#uses, name);
      return true;
    });
  }
}

function count(counts: Map<string, number>, name: string): number {
  const n = (counts.get(name) ?? 0) + 1;
  counts.set(name, n);
  return n;
}

function fits(when: When, { row, raw, apiKey, headers }: Arrival, nowMs: number): boolean {
  const same = <T>(wanted: T | undefined, found: T): boolean => wanted === undefined || wanted === found;
  return (
    same(when.method, row.method) &&
    (when.path === undefined || row.path.endsWith(when.path)) &&
    same(when.model, row.body?.model) &&
    (when.contains === undefined || raw.includes(when.contains)) &&
    same(when.call, row.call) &&
    same(when.apiKey, apiKey) &&
    same(when.attempt, row.attempt) &&
    same(when.reusedConnection, row.reusedConnection) &&
    row.n >= (when.from ?? 0) &&
    row.n <= (when.to ?? Infinity) &&
    nowMs >= (when.afterMs ?? 0) &&
    nowMs < (when.beforeMs ?? Infinity) &&
    (when.header === undefined || when.header in headers)
  );
}
