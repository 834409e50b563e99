// @ts-check
// What came of the recorded run, as the command line says it at the end of a run, and what its best prompt was made of:
// `node test/bench/recorded/print.mjs`.
import { readFileSync } from 'node:fs';
import { openSources } from '../speed/tools.mjs';

const file = new URL('../../../public/samples/recorded-run.json', import.meta.url);
const sources = await openSources();
const { readRunBundle } = await sources.ssrLoadModule('/src/exporters/index.ts');
const { foldEntries } = await sources.ssrLoadModule('/src/engine/run-state.ts');
const { reportOf } = await sources.ssrLoadModule('/src/engine/report.ts');
const { createProgress } = await sources.ssrLoadModule('/src/headless/progress.ts');
const { composing } = await sources.ssrLoadModule('/src/optimizers/pacer/operators.ts');
const { entries } = readRunBundle(readFileSync(file, 'utf8'), 'recorded-run.json');
const report = reportOf(foldEntries(entries));
const { id, version } = report.spec.optimizer;
console.log(`${id}, version ${version}, at most ${report.spec.budget.calls} calls`);
createProgress(report.spec, true).result(report);

/** @typedef {import('../../../src/core/report.ts').CandidateReport} CandidateReport */
/** @type {CandidateReport[]} */
const made = report.candidates.filter(
  (/** @type {CandidateReport} */ { candidate }) => candidate.origin.type === 'proposal',
);
/** @param {CandidateReport} record */
const isWritten = ({ candidate: { origin } }) => origin.type === 'proposal' && !composing.has(origin.operator);

/** A prompt, and all that it was made from. @param {string} name @returns {CandidateReport[]} */
function familyOf(name) {
  const record = made.find(({ candidate }) => candidate.id === name);
  const { origin } = record?.candidate ?? {};
  return record && origin?.type === 'proposal' ? [record, ...origin.parents.flatMap(familyOf)] : [];
}
const family = familyOf(report.best);
console.log(
  `The generator wrote ${made.filter(isWritten).length} of ${made.length} new prompts, and ${family.filter(isWritten).length} of those that the best one was made from:`,
);
for (const { candidate, round, summaries } of family) {
  const { origin } = candidate;
  const { accuracy, n } = summaries.validation;
  const score = accuracy ? ` (${(100 * accuracy.value).toFixed(1)} % of ${n} validation rows)` : '';
  if (origin.type === 'proposal') console.log(`round ${round}, ${origin.operator}${score}: ${origin.why}`);
}
await sources.close();
