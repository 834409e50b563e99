import { curveCsv as columns, curveTable } from '#core/curves.ts';
import { promptName, type RunReport } from '#core/report.ts';
import { printCsv } from './csv.ts';

/** The numbers of the training curve, one prompt a line, in the order of proposal: the table beside the curve, with the prompts. */
export function curveCsv(report: RunReport): string {
  const tried = new Map(
    report.candidates
      .filter(({ summaries }) => summaries.train.asked > 0)
      .map((record) => [record.candidate.id as string, record]),
  );
  const rows = curveTable(
    [...tried].map(([id, record]) => ({
      ...{ id, order: record.order, round: record.round, callsAfter: record.callsAfter },
      label: promptName(record),
      summary: record.summaries.train,
      shown: record.candidate.demos?.examples.length ?? 0,
    })),
    { fullSize: report.spec.split.train.length, leaders: report.leaders },
  );
  return printCsv(
    [...columns.map(({ name }) => name), 'validation_accuracy', 'test_accuracy', 'prompt'],
    rows.map((row) => {
      const record = tried.get(row.id);
      return [
        ...columns.map(({ value }) => value(row)),
        record?.summaries.validation.accuracy?.value,
        record?.summaries.test.accuracy?.value,
        record?.candidate.prompt,
      ];
    }),
  );
}
