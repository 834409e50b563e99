import { outcomeOf, type ExampleResult, type Outcome } from '#core/evaluation.ts';
import type { Example, Split } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { CandidateReport } from '#core/report.ts';
import type { Rows } from '#state/rows.ts';
import { excerpt } from './words.ts';

/** One row of the data with what a prompt made of it. */
export type AnswerRow = {
  readonly id: ExampleId;
  readonly example: Example | undefined;
  readonly result: ExampleResult;
  readonly outcome: Outcome;
  /** What the row asks, in a line. */
  readonly question: string;
  /** The answers that count as right. */
  readonly target: string;
  /** What was read out of the answer, else its beginning. */
  readonly answer: string;
  readonly entropy: number | undefined;
  readonly tokens: number | undefined;
  readonly latencyMs: number | undefined;
};

/** Inputs that hold the question rather than what it is about. */
const asking = /^(question|query|instruction|prompt|q)$/i;

/** What a row is called: its inputs, and its options where these are all it has. */
export function questionOf({ inputs, choices = [] }: Example): string {
  const names = Object.keys(inputs);
  const first = names.find((name) => asking.test(name));
  const order = first === undefined ? names : [first, ...names.filter((name) => name !== first)];
  const parts = order.length > 0 ? order.map((name) => inputs[name] ?? '') : choices;
  return excerpt(parts.join(' · '), 110);
}

/** Changes with the answers to a prompt. Failed rows that are asked again change none of the numbers of rows, but how many have failed. */
export const answersStamp = (record: CandidateReport | undefined, split: Split): string =>
  record ? `${record.results[split].size} ${record.summaries[split].outcomes.failed}` : '';

export function answerRows(results: ReadonlyMap<ExampleId, ExampleResult>, rows: Rows): readonly AnswerRow[] {
  return [...results].map(([id, result]): AnswerRow => {
    const example = rows.type === 'there' ? rows.byId.get(id) : undefined;
    const answered = result.type === 'answered' ? result : undefined;
    const entropy = answered?.crossEntropy.type === 'scored' ? answered.crossEntropy.value : undefined;
    return {
      id,
      example,
      result,
      outcome: outcomeOf(result),
      question: example ? questionOf(example) : rows.type === 'loading' ? '…' : 'This row is no longer in the browser',
      target: example?.targets.join(' or ') ?? '',
      answer: answered
        ? (answered.read ?? excerpt(answered.answer, 60))
        : result.type === 'failed'
          ? result.message
          : '',
      entropy,
      tokens: answered && answered.usage.inputTokens + answered.usage.outputTokens,
      latencyMs: answered?.latencyMs,
    };
  });
}

export const filters = [
  { value: 'all', label: 'All', holds: (_: Outcome) => true },
  { value: 'wrong', label: 'Wrong', holds: (outcome: Outcome) => outcome === 'wrong' },
  { value: 'right', label: 'Right', holds: (outcome: Outcome) => outcome === 'right' },
  {
    value: 'other',
    label: 'Other',
    holds: (outcome: Outcome) => outcome !== 'right' && outcome !== 'wrong',
  },
] as const;
export type Filter = (typeof filters)[number]['value'];
