import { hintViolations, isCompletionRow } from '../fault-server/ledger.ts';
import type { LedgerRow } from '../fault-server/types.ts';
import { callFiles } from './call-files.ts';
import type { CallFile, Evidence, Violation } from './evidence.ts';

/** A request that left before the entry was written can arrive this much later by a clock that counts milliseconds. */
const roundingMs = 2;

/**
 * The promises, checked against what the server saw. Empty when all of them hold:
 * I1 what was acknowledged is there and true · I2 nothing is paid twice but what nobody can know · I3 nothing is asked that is known ·
 * I4 one driver at a time · I5 the budget is a ceiling · I6 no call comes before the server said it may · I7 what needs a person stops ·
 * I8 the end is the same as without faults · I9 the key goes to its own server, and only as authorization · I10 nobody else is asked.
 */
export async function check(evidence: Evidence): Promise<readonly Violation[]> {
  const files = [...callFiles(evidence).values()];
  return [
    ...(await acknowledgedIsThere(evidence, files)),
    ...files.flatMap((file) => paidOnce(file, evidence)),
    ...files.flatMap(notAskedAgain),
    ...oneDriver(evidence),
    ...withinBudget(evidence, files),
    ...hintViolations(evidence.ledger).map((row) =>
      broken('I6', `call ${row.n} came while the server had said to wait.`),
    ),
    ...stopsForPerson(evidence),
    ...sameEnd(evidence),
    ...keyStaysHome(evidence),
    ...(evidence.recorder?.heard ?? []).map(({ method, url }) =>
      broken('I10', `${method} ${url} reached a server that nobody named.`),
    ),
  ];
}

/** For people: all violations, or nothing. @throws Error */
export async function expectPromisesKept(evidence: Evidence): Promise<void> {
  const violations = await check(evidence);
  if (violations.length === 0) return;
  const shown = violations.slice(0, 20).map(({ invariant, message }) => `${invariant}: ${message}`);
  throw new Error(`${violations.length} broken promises:\n${shown.join('\n')}`);
}

const broken = (invariant: Violation['invariant'], message: string): Violation => ({ invariant, message });
const short = (call: string): string => `call ${call.slice(0, 10)}`;
const spell = (rows: readonly LedgerRow[]): string =>
  rows
    .map(
      ({ n, status, billed, rule }) =>
        `#${n} ${status ?? 'under way'}${billed ? ' billed' : ''}${rule === undefined ? '' : ` (${rule})`}`,
    )
    .join(', ');

async function acknowledgedIsThere(evidence: Evidence, files: readonly CallFile[]): Promise<readonly Violation[]> {
  const { answers, acknowledged = [], expectedText } = evidence;
  const known = new Set([
    ...acknowledged,
    ...files.flatMap(({ call, storedAt }) => (storedAt === undefined ? [] : call)),
  ]);
  const missing = [...known]
    .filter((call) => !answers.has(call))
    .map((call) => broken('I1', `${short(call)} was stored and is gone.`));
  if (!expectedText) return missing;
  const wrong: Violation[] = [];
  for (const { call, rows } of files) {
    const [row, stored] = [rows[0], answers.get(call)];
    if (!row || !stored) continue;
    const expected = await expectedText(row);
    if (expected !== stored.text)
      wrong.push(broken('I1', `${short(call)} was answered “${expected ?? ''}” and stored as “${stored.text}”.`));
  }
  return [...missing, ...wrong];
}

function paidOnce(
  { call, rows, billed, attempts, unknown, hidden }: CallFile,
  evidence: Evidence,
): readonly Violation[] {
  if (rows.length > 0 && attempts === 0)
    return [broken('I2', `${short(call)} came, and nothing on disk knows of it: ${spell(rows)}.`)];
  if (evidence.hiddenResends === 'impossible' && hidden > 0)
    return [
      broken('I2', `${short(call)} came ${rows.length} times, and the app knows of ${attempts}: ${spell(rows)}.`),
    ];
  const bound = 1 + unknown + hidden;
  return billed <= bound
    ? []
    : [broken('I2', `${short(call)} was billed ${billed} times, at most ${bound} can be explained: ${spell(rows)}.`)];
}

const notAskedAgain = ({ call, rows, storedAt }: CallFile): readonly Violation[] =>
  rows
    .filter(({ at }) => storedAt !== undefined && at > storedAt + roundingMs)
    .map(({ n, at }) =>
      broken('I3', `${short(call)} came (#${n}) ${at - (storedAt ?? 0)} ms after its answer was stored.`),
    );

function oneDriver({ entries }: Evidence): readonly Violation[] {
  const gap = entries.findIndex(({ seq }, index) => seq !== index);
  return gap < 0
    ? []
    : [broken('I4', `entry ${gap} has the number ${entries[gap]?.seq ?? ''}: two drivers have written.`)];
}

function withinBudget({ entries, ledger }: Evidence, files: readonly CallFile[]): readonly Violation[] {
  const budget = entries.reduce<{ readonly calls: number; readonly costUsd?: number } | undefined>(
    (last, { event }) =>
      event.type === 'run-started' ? event.spec.budget : event.type === 'budget-changed' ? event.budget : last,
    undefined,
  );
  if (!budget) return [broken('I5', 'the journal has no beginning.')];
  const hidden = files.filter((file) => file.hidden > 0);
  const allowed = budget.calls + hidden.reduce((sum, file) => sum + file.hidden, 0);
  const calls = ledger.filter(isCompletionRow).length;
  const cost = ledger.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  const hiddenCost = hidden.flatMap(({ rows }) => rows).reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  return [
    ...(calls > allowed ? [broken('I5', `${calls} calls came, ${allowed} were allowed.`)] : []),
    ...(cost > (budget.costUsd ?? Infinity) + hiddenCost + 1e-9
      ? [broken('I5', `$${cost.toFixed(6)} were charged, $${(budget.costUsd ?? 0).toFixed(6)} were allowed.`)]
      : []),
  ];
}

/** Between an error that only a person can mend and the moment at which one took the run up again. */
function stopsForPerson({ entries, ledger }: Evidence): readonly Violation[] {
  const concurrency =
    entries.flatMap(({ event }) => (event.type === 'run-started' ? event.spec.concurrency : []))[0] ?? 1;
  return entries.flatMap(({ at, event }, index) => {
    if (event.type !== 'run-stalled') return [];
    const until = entries.slice(index).find((later) => later.event.type === 'run-resumed')?.at ?? Infinity;
    const after = ledger.filter((row) => isCompletionRow(row) && row.at > at + roundingMs && row.at < until);
    return after.length > concurrency + 1
      ? [broken('I7', `${after.length} calls came after the run had stopped for a person (${event.error.code}).`)]
      : [];
  });
}

function sameEnd({ digests }: Evidence): readonly Violation[] {
  if (!digests) return [];
  const [actual, reference] = [comparable(digests.actual), comparable(digests.reference)];
  if (actual === reference) return [];
  let place = 0;
  while (place < actual.length && actual[place] === reference[place]) place += 1;
  const around = (text: string): string => text.slice(Math.max(0, place - 60), place + 60);
  return [broken('I8', `the run ended differently: …${around(actual)}… instead of …${around(reference)}…`)];
}

/** How long an answer took, and how many requests, is not what a run came to; nor is the fifteenth digit, which each engine has its own. */
const comparable = (value: unknown): string =>
  JSON.stringify(value, (name, part: unknown) => {
    if (name === 'latencyMs' || name === 'attempts') return undefined;
    return typeof part === 'number' ? Number(part.toPrecision(12)) : part;
  });

function keyStaysHome({ ledger, keyStart, recorder }: Evidence): readonly Violation[] {
  return [
    ...ledger
      .filter(({ keyElsewhere }) => keyElsewhere)
      .map(({ n }) => broken('I9', `#${n} carries its key outside of the authorization header.`)),
    ...ledger
      .filter((row) => keyStart !== undefined && isCompletionRow(row) && row.keyStart !== keyStart)
      .map(({ n, keyStart: found }) => broken('I9', `#${n} came with another key (${found}…).`)),
    ...(recorder?.heard ?? [])
      .filter((heard) => keyStart !== undefined && JSON.stringify(heard).includes(keyStart))
      .map(({ url }) => broken('I9', `the key went to ${url}.`)),
  ];
}
