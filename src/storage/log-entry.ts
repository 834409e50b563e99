import type { CandidateId, ExampleId, CallKey } from '#core/id.ts';
import type { JournalEntry } from '#core/run.ts';
import { isCell, kindOf, outcomes, readScore, readUsage, splits } from './packed.ts';

/**
 * An entry as a line of a log has it: the answers of the model, which are nearly all of them, as rows without names, a third as long;
 * everything else as it is.
 */
export type LogEntry = JournalEntry | Row;

type Row = readonly [
  at: number,
  candidate: string,
  example: string,
  split: number,
  outcome: number,
  answer: string,
  read: string | null,
  score: number,
  value: number,
  inputTokens: number,
  outputTokens: number,
  estimated: 0 | 1,
  latencyMs: number,
  attempts: number,
  call: string,
];

export function toLogEntry(entry: JournalEntry): LogEntry {
  const { at, event } = entry;
  if (!isCell(event)) return entry;
  const { candidate, example, split, result } = event;
  const { outcome, answer, read, crossEntropy, usage, latencyMs, attempts, call } = result;
  const row: Row = [
    at,
    candidate,
    example,
    splits.indexOf(split),
    outcomes.indexOf(outcome),
    answer,
    read ?? null,
    kindOf(crossEntropy),
    crossEntropy.type === 'scored' ? crossEntropy.value : 0,
    usage.inputTokens,
    usage.outputTokens,
    usage.estimated ? 1 : 0,
    latencyMs,
    attempts,
    call,
  ];
  return row;
}

/** The entry with this sequence number. @throws where it is none: the line counts as damaged */
export function fromLogEntry(logged: LogEntry, seq: number): JournalEntry {
  if (!isRow(logged)) {
    if (logged.seq !== seq) throw new Error(`${logged.seq} in place of ${seq}`);
    return logged;
  }
  const [at, candidate, example, splitAt, outcomeAt, answer, read, score, value, ...rest] = logged;
  const [inputTokens, outputTokens, estimated, latencyMs, attempts, call] = rest;
  const [split, outcome] = [splits[splitAt], outcomes[outcomeAt]];
  if (split === undefined || outcome === undefined) throw new Error('unknown split or outcome');
  const common = {
    crossEntropy: readScore(score, value),
    usage: readUsage(inputTokens, outputTokens, estimated === 1),
    latencyMs,
    attempts,
    call: call as CallKey,
  };
  return {
    seq,
    at,
    event: {
      type: 'example-evaluated',
      candidate: candidate as CandidateId,
      example: example as ExampleId,
      split,
      result:
        read === null
          ? { type: 'answered', outcome, answer, ...common }
          : { type: 'answered', outcome, answer, read, ...common },
    },
  };
}

const isRow = (logged: LogEntry): logged is Row => Array.isArray(logged);
