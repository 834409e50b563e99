import type { Usage } from '#core/completion.ts';
import type { ExampleResult, Outcome } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';
import type { Score } from '#core/score.ts';
import { assert } from '#lib/assert.ts';
import { packWords, readWords, type Words } from './words.ts';

/**
 * Many entries as one value, with the answers of the model, which are nearly all of them, in columns: a journal of a million entries
 * opens in seconds. Whatever has not exactly the expected form stands beside the columns as it is.
 */
export type PackedBlock = {
  readonly packed: 1;
  /** Sequence number of the first entry. */
  readonly first: number;
  readonly at: Float64Array;
  /** 1 where the entry stands in the columns. */
  readonly inColumns: Uint8Array;
  readonly columns: Columns;
  readonly rest: readonly RunEvent[];
};

type Columns = {
  readonly [Name in 'candidate' | 'example' | 'answer' | 'read' | 'call']: Words;
} & {
  readonly [Name in 'value' | 'inputTokens' | 'outputTokens' | 'latencyMs' | 'attempts']: Float64Array;
} & { readonly [Name in 'split' | 'outcome' | 'score' | 'estimated']: Uint8Array };

type Evaluated = Extract<RunEvent, { type: 'example-evaluated' }>;
type Answered = Extract<ExampleResult, { type: 'answered' }>;
type Cell = Evaluated & { readonly result: Answered };

export const splits: readonly Split[] = ['train', 'validation', 'test'];
export const outcomes: readonly Exclude<Outcome, 'failed'>[] = ['right', 'wrong', 'unparsable', 'refused', 'cut-off'];
/** Kinds of score without their value. The order is part of the format. */
const scores: readonly Score[] = [
  { type: 'scored', value: 0 },
  { type: 'scored', value: 0, bound: 'exact' },
  { type: 'scored', value: 0, bound: 'at-least' },
  { type: 'scored', value: 0, bound: 'estimated' },
  { type: 'unscored', reason: 'no-logprobs' },
  { type: 'unscored', reason: 'no-answer' },
  { type: 'unscored', reason: 'no-target' },
];
export const kindOf = (score: Score): number =>
  score.type === 'unscored'
    ? scores.findIndex((kind) => kind.type === 'unscored' && kind.reason === score.reason)
    : scores.findIndex((kind) => kind.type === 'scored' && kind.bound === score.bound);

export function packEntries(entries: readonly JournalEntry[]): PackedBlock {
  const cells: Cell[] = [];
  const rest: RunEvent[] = [];
  const inColumns = Uint8Array.from(entries, ({ event }) => {
    if (isCell(event)) return cells.push(event) && 1;
    rest.push(event);
    return 0;
  });
  const words = (of: (cell: Cell) => string | undefined): Words => packWords(cells.map(of));
  const numbers = (of: (cell: Cell) => number): Float64Array => Float64Array.from(cells, of);
  const kinds = (of: (cell: Cell) => number): Uint8Array => Uint8Array.from(cells, of);
  return {
    packed: 1,
    first: entries[0]?.seq ?? 0,
    at: Float64Array.from(entries, ({ at }) => at),
    inColumns,
    columns: {
      candidate: words(({ candidate }) => candidate),
      example: words(({ example }) => example),
      answer: words(({ result }) => result.answer),
      read: words(({ result }) => result.read),
      call: words(({ result }) => result.call),
      value: numbers(({ result }) => (result.crossEntropy.type === 'scored' ? result.crossEntropy.value : 0)),
      inputTokens: numbers(({ result }) => result.usage.inputTokens),
      outputTokens: numbers(({ result }) => result.usage.outputTokens),
      latencyMs: numbers(({ result }) => result.latencyMs),
      attempts: numbers(({ result }) => result.attempts),
      split: kinds(({ split }) => splits.indexOf(split)),
      outcome: kinds(({ result }) => outcomes.indexOf(result.outcome)),
      score: kinds(({ result }) => kindOf(result.crossEntropy)),
      estimated: kinds(({ result }) => (result.usage.estimated ? 1 : 0)),
    },
    rest,
  };
}

/** Adds the entries of a block to a list. */
export function unpackEntries({ first, at, inColumns, columns, rest }: PackedBlock, into: JournalEntry[]): void {
  const cells = readCells(columns);
  let cell = 0;
  let other = 0;
  for (let index = 0; index < at.length; index++) {
    const event = inColumns[index] === 1 ? cells[cell++] : rest[other++];
    into.push({ seq: first + index, at: at[index] as number, event: event as RunEvent });
  }
}

/** What is read was checked when it was packed. In plain loops and literals: a long journal has millions of these. */
function readCells(columns: Columns): readonly Cell[] {
  const { split, outcome, score, value, inputTokens, outputTokens, estimated, latencyMs, attempts } = columns;
  const candidate = readWords(columns.candidate) as Cell['candidate'][];
  const example = readWords(columns.example) as Cell['example'][];
  const call = readWords(columns.call) as Answered['call'][];
  const answer = readWords(columns.answer) as string[];
  const read = readWords(columns.read);
  const cells: Cell[] = [];
  for (let row = 0; row < split.length; row++) {
    const text = read[row];
    cells.push({
      type: 'example-evaluated',
      candidate: candidate[row] as Cell['candidate'],
      example: example[row] as Cell['example'],
      split: splits[split[row] as number] as Split,
      result: {
        type: 'answered',
        outcome: outcomes[outcome[row] as number] as Answered['outcome'],
        answer: answer[row] as string,
        ...(text === undefined ? nothing : { read: text }),
        crossEntropy: readScore(score[row] as number, value[row] as number),
        usage: readUsage(inputTokens[row] as number, outputTokens[row] as number, estimated[row] === 1),
        latencyMs: latencyMs[row] as number,
        attempts: attempts[row] as number,
        call: call[row] as Answered['call'],
      },
    });
  }
  return cells;
}

const nothing = {};

export const readUsage = (inputTokens: number, outputTokens: number, estimated: boolean): Usage =>
  estimated ? { inputTokens, outputTokens, estimated } : { inputTokens, outputTokens };

export function readScore(kind: number, value: number): Score {
  const score = scores[kind];
  assert(score, `no kind of score has the number ${kind}`);
  if (score.type === 'unscored') return score;
  return score.bound === undefined ? { type: 'scored', value } : { type: 'scored', value, bound: score.bound };
}

/** Whether the columns can hold all of it. What another version has added must not get lost. */
export function isCell(event: RunEvent): event is Cell {
  if (event.type !== 'example-evaluated' || event.result.type !== 'answered') return false;
  const { result } = event;
  const { crossEntropy, usage } = result;
  return (
    hasOnly(event, ['type', 'candidate', 'example', 'split', 'result']) &&
    hasOnly(
      result,
      ['type', 'outcome', 'answer', 'crossEntropy', 'usage', 'latencyMs', 'attempts', 'call'],
      ['read'],
    ) &&
    hasOnly(crossEntropy, crossEntropy.type === 'scored' ? ['type', 'value'] : ['type', 'reason'], ['bound']) &&
    hasOnly(usage, ['inputTokens', 'outputTokens'], ['estimated']) &&
    [event.candidate, event.example, result.answer, result.call].every((text) => typeof text === 'string') &&
    (!('read' in result) || typeof result.read === 'string') &&
    [usage.inputTokens, usage.outputTokens, result.latencyMs, result.attempts].every(isNumber) &&
    [undefined, true].includes(usage.estimated) &&
    (crossEntropy.type === 'unscored' || isNumber(crossEntropy.value)) &&
    splits.includes(event.split) &&
    outcomes.includes(result.outcome) &&
    kindOf(crossEntropy) >= 0
  );
}

const isNumber = (value: unknown): boolean => typeof value === 'number';

function hasOnly(value: object, required: readonly string[], optional: readonly string[] = []): boolean {
  const names = Object.keys(value);
  return (
    required.every((name) => names.includes(name)) &&
    names.every((name) => required.includes(name) || optional.includes(name)) &&
    !Object.values(value).includes(undefined)
  );
}
