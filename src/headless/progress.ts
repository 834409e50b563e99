import { callsOf } from '#core/budget.ts';
import type { Estimate } from '#core/evaluation.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const withInterval = (estimate: Estimate | undefined): string =>
  estimate
    ? `${percent(estimate.value)} [${percent(estimate.lo)}, ${percent(estimate.hi)}], n = ${estimate.n}`
    : 'no answer';

/** Lines about a run, on standard error; the result on standard output. */
export function createProgress(spec: RunSpec, quiet: boolean) {
  const say = (line: string): void => {
    if (!quiet) console.error(line);
  };
  say(
    `${spec.name}: ${spec.prompts.length} starting prompts, ${spec.split.train.length}/${spec.split.validation.length}/${spec.split.test.length} rows, at most ${spec.budget.calls} calls`,
  );
  if (spec.simulated) say('Simulated: no language model is running.');
  const told = new Set<string>();
  return {
    show(entries: readonly JournalEntry[], report: () => RunReport | undefined): void {
      for (const { event } of entries) {
        if (event.type === 'model-probed')
          say(
            `${event.role} model: ${event.capabilities.topLogprobs === 0 ? 'no log-probabilities' : `top ${event.capabilities.topLogprobs} log-probabilities`}`,
          );
        if (event.type === 'search' && event.fact.type === 'proposal-rejected')
          say(`round ${event.fact.round}: rejected (${event.fact.reason}) ${event.fact.detail}`);
        if (event.type === 'run-paused' || event.type === 'run-stalled') say(event.type);
      }
      if (quiet || !entries.some(({ event }) => event.type === 'example-evaluated')) return;
      const now = report();
      for (const record of now?.candidates ?? []) announce(record);
      function announce({ candidate, round, summaries: { train } }: CandidateReport): void {
        if (!now || told.has(candidate.id) || train.asked < spec.split.train.length) return;
        told.add(candidate.id);
        const entropy = train.crossEntropy ? `, cross entropy ${train.crossEntropy.value.toFixed(2)}` : '';
        say(
          `round ${round}, ${callsOf(now.spending)} calls: ${withInterval(train.accuracy)}${entropy}: ${JSON.stringify(candidate.prompt.slice(0, 150))}`,
        );
      }
    },
    end: (): void => undefined,
    result(report: RunReport): void {
      const of = (id: string | undefined): CandidateReport | undefined =>
        report.candidates.find(({ candidate }) => candidate.id === id);
      const [best, baseline] = [of(report.best), of(report.baseline)];
      const { spending } = report;
      console.log(report.end?.reason ?? '');
      console.log(`Best prompt:\n${best?.candidate.prompt ?? ''}\n`);
      console.log(
        `Sealed test rows: best ${withInterval(best?.summaries.test.accuracy)}; best starting prompt ${withInterval(baseline?.summaries.test.accuracy)}`,
      );
      if (report.comparison)
        console.log(
          `Difference, paired: ${percent(report.comparison.value)} [${percent(report.comparison.lo)}, ${percent(report.comparison.hi)}]: ${report.comparison.verdict}`,
        );
      else
        console.log(
          report.best === report.baseline
            ? 'No prompt was better than the best starting prompt.'
            : 'Cannot tell: no rows were set aside for the test.',
        );
      console.log(
        `${spending.evaluationCalls} evaluation calls, ${spending.generatorCalls} generator calls, ${spending.probeCalls} probe calls; ` +
          `${spending.evaluation.inputTokens + spending.generator.inputTokens} tokens in, ${spending.evaluation.outputTokens + spending.generator.outputTokens} tokens out`,
      );
    },
  };
}
