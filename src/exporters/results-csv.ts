import { outcomeOf } from '#core/evaluation.ts';
import { letteredChoices, splits, type Dataset } from '#core/example.ts';
import { labelAudit } from '#core/label-audit.ts';
import type { RunReport } from '#core/report.ts';
import { printCsv } from './csv.ts';

/**
 * Every evaluated example of every prompt, one a line, with the inputs of the row and whether its label is in doubt. Answers are as long as
 * the journal has them. What a failed row says instead of an answer has a column of its own.
 */
export function resultsCsv(report: RunReport, dataset: Dataset): string {
  const rows = new Map(dataset.examples.map((example) => [example.id, example]));
  const hasChoices = dataset.examples.some(({ choices }) => choices !== undefined);
  const doubtful = new Set(labelAudit(report.candidates).map(({ example }) => example));
  return printCsv(
    [
      'candidate',
      'split',
      'example',
      'outcome',
      'right_answer',
      'read_answer',
      'answer',
      'cross_entropy',
      'bound',
      'input_tokens',
      'output_tokens',
      'latency_ms',
      'label_in_doubt',
      'error',
      ...dataset.fields.map((field) => `input:${field}`),
      ...(hasChoices ? ['options'] : []),
    ],
    report.candidates.flatMap(({ candidate, results }) =>
      splits.flatMap((split) =>
        [...results[split]].map(([id, result]) => {
          const answered = result.type === 'answered' ? result : undefined;
          const entropy = answered?.crossEntropy.type === 'scored' ? answered.crossEntropy : undefined;
          return [
            candidate.id,
            split,
            id,
            outcomeOf(result),
            rows.get(id)?.targets.join(' | '),
            answered?.read,
            answered?.answer,
            entropy?.value,
            entropy?.bound,
            answered?.usage.inputTokens,
            answered?.usage.outputTokens,
            answered ? Math.round(answered.latencyMs) : undefined,
            doubtful.has(id),
            result.type === 'failed' ? result.message : undefined,
            ...dataset.fields.map((field) => rows.get(id)?.inputs[field]),
            ...(hasChoices ? [letteredChoices(rows.get(id)?.choices ?? [])] : []),
          ];
        }),
      ),
    ),
  );
}
