import type { RunReport } from '#core/report.ts';
import { printCsv } from './csv.ts';

/** The numbers of the training curve, one prompt a line, in the order of proposal. */
export function curveCsv(report: RunReport): string {
  let best = -Infinity;
  return printCsv(
    [
      'order',
      'round',
      'calls',
      'candidate',
      'rows',
      'right',
      'accuracy',
      'accuracy_lo',
      'accuracy_hi',
      'cross_entropy',
      'cross_entropy_lo',
      'cross_entropy_hi',
      'cross_entropy_bounded_rows',
      'best_accuracy_so_far',
      'validation_accuracy',
      'test_accuracy',
      'prompt',
    ],
    report.candidates
      .filter(({ summaries }) => summaries.train.asked > 0)
      .map(({ candidate, order, round, callsAfter, summaries: { train, validation, test } }) => {
        best = Math.max(best, train.accuracy?.value ?? -Infinity);
        return [
          order,
          round,
          callsAfter,
          candidate.id,
          train.n,
          train.right,
          train.accuracy?.value,
          train.accuracy?.lo,
          train.accuracy?.hi,
          train.crossEntropy?.value,
          train.crossEntropy?.lo,
          train.crossEntropy?.hi,
          train.crossEntropy?.bounded,
          best === -Infinity ? undefined : best,
          validation.accuracy?.value,
          test.accuracy?.value,
          candidate.prompt,
        ];
      }),
  );
}
