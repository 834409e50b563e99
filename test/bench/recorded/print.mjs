// @ts-check
// What came of the recorded run, as the command line says it at the end of a run: `node test/bench/recorded/print.mjs`.
import { readFileSync } from 'node:fs';
import { openSources } from '../speed/tools.mjs';

const file = new URL('../../../public/samples/recorded-run.json', import.meta.url);
const sources = await openSources();
const { readRunBundle } = await sources.ssrLoadModule('/src/exporters/index.ts');
const { foldEntries } = await sources.ssrLoadModule('/src/engine/run-state.ts');
const { reportOf } = await sources.ssrLoadModule('/src/engine/report.ts');
const { createProgress } = await sources.ssrLoadModule('/src/headless/progress.ts');
const { entries } = readRunBundle(readFileSync(file, 'utf8'), 'recorded-run.json');
const report = reportOf(foldEntries(entries));
const { id, version } = report.spec.optimizer;
console.log(`${id}, version ${version}, at most ${report.spec.budget.calls} calls`);
createProgress(report.spec, true).result(report);
await sources.close();
