import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { promptName } from '#core/report.ts';
import { curveCsv } from '#exporters/curve-csv.ts';
import { finishedRun } from '../support/hand-made-run.ts';

it('the curve as a file names its prompts as the page does', () => {
  const { report } = finishedRun();
  const { data } = Papa.parse<Record<string, string>>(curveCsv(report), { header: true, skipEmptyLines: true });
  const tried = report.candidates.filter(({ summaries }) => summaries.train.asked > 0);
  expect(data.map(({ label }) => label)).toEqual(tried.map(promptName));
  expect(data[0]?.label).toBe('Start 1');
});
