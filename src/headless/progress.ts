import { callsOf, upToCents } from '#core/budget.ts';
import { AppError, type ErrorRecord } from '#core/error.ts';
import type { Estimate } from '#core/evaluation.ts';
import { readingInWords } from '#core/messages.ts';
import { testedPrompts, type Optimizer, type SearchFact } from '#core/optimizer.ts';
import { rowsDone, type CandidateReport, type RunReport } from '#core/report.ts';
import { reportedScore, type ChosenScore } from '#core/reported-score.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import type { SpecPlan } from '#state/spec-plan.ts';
import { proposalOf, samplesOf } from '#state/unreadable.ts';
import { messageOf } from './messages.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const withInterval = (estimate: Estimate | undefined): string =>
  estimate
    ? `${percent(estimate.value)} [${percent(estimate.lo)}, ${percent(estimate.hi)}], n = ${estimate.n}`
    : 'no answer';

const excerptOf = (prompt: string): string => JSON.stringify(prompt.slice(0, 150));

/** An optimizer, and what it will take for the run at hand. */
type Planned = { readonly optimizer: Optimizer; readonly plan: SpecPlan };

/** What a search tells while it goes on; nothing where the line of a prompt says it, or the round's. */
function factWords(fact: SearchFact, promptOf: (id: string) => string): string | undefined {
  switch (fact.type) {
    case 'proposal-rejected':
      return `rejected (${fact.reason}) ${fact.detail}`;
    case 'race-rung': {
      const out = fact.out.length > 0 ? `, ${fact.out.length} out` : '';
      return `race of ${fact.standings.length} prompts on ${fact.rows} rows${out}`;
    }
    case 'proposal-judged':
      return `${fact.accepted ? 'kept' : 'dropped'}: ${fact.reason} ${excerptOf(promptOf(fact.candidate))}`;
    case 'round-finished':
      return fact.note;
    default:
      return undefined;
  }
}

const candidateOf = (report: RunReport | undefined, id: string | undefined): CandidateReport | undefined =>
  report?.candidates.find(({ candidate }) => candidate.id === id);
const promptIn = (report: RunReport | undefined, id: string): string => candidateOf(report, id)?.candidate.prompt ?? '';

/** Two digits are all that an estimate deserves. */
const roughly = (tokens: number): string => Number(tokens.toPrecision(2)).toLocaleString('en');

/** What the run will take, before it begins; nothing where it cannot begin. */
function planWords(
  spec: RunSpec,
  { optimizer, plan: { plan, held, perAnswer, estimate } }: Planned,
): readonly string[] {
  const { evaluationCalls, generatorCalls, prompts, most: upTo, spendsAll, problems } = plan;
  if (problems.length > 0) return [];
  const most = spendsAll ? 'about' : 'up to';
  const sealed = testedPrompts(plan) * spec.split.test.length;
  const range = (lo: number | string, hi = lo): string => (lo === hi ? String(lo) : `${lo} to ${hi}`);
  return [
    ...(held ? [`${held.words}.`] : []),
    `${optimizer.label}: ${most} ${evaluationCalls} answers and ${range(prompts, upTo?.prompts)} new prompts, from ${range(generatorCalls, upTo?.generatorCalls)} calls of the generator${sealed > 0 ? `, then ${sealed} sealed answers` : ''}` +
      `${perAnswer > 1 ? `, each of up to ${perAnswer} calls` : ''}.`,
    `Estimated: ${range(roughly(estimate.tokens.lo), roughly(estimate.tokens.hi))} tokens${estimate.usd ? `, ${range(`$${upToCents(estimate.usd.lo)}`, `$${upToCents(estimate.usd.hi)}`)}` : ''}.`,
  ];
}

/** What the score says of the rows that the best prompt was chosen on. */
const chosenWords = ({ split, accuracy, rivals, tried, first, expectedInflation, corrected }: ChosenScore): string =>
  `On the ${split} rows, which had a part in the choice${rivals > 1 ? (first ? `, the best of ${rivals}` : `, among ${rivals}`) : ''}` +
  `${tried > rivals ? ` (${tried - rivals} more answered some of them)` : ''}: ${withInterval(accuracy)}` +
  (corrected === undefined || expectedInflation === undefined
    ? ''
    : `; without the luck of the choice about ${percent(corrected)}. ` +
      `If all ${rivals} were equally good, being the best of them would add ${(expectedInflation * 100).toFixed(1)} points.`);

const stalledBy = ({ code, details }: ErrorRecord): string => messageOf(new AppError(code, details)).title;

/** The option that sets this rule. */
function flagOf(reading: AnswerReading): string {
  switch (reading.type) {
    case 'after':
      return `--read-after ${JSON.stringify(reading.mark)}`;
    case 'tag':
      return `--read-tag ${reading.name}`;
    case 'json':
      return `--read-json ${JSON.stringify(reading.field)}`;
    case 'last-line':
      return '--read-last-line';
  }
}

/** Lines about a run, on standard error; the result on standard output. */
export function createProgress(spec: RunSpec, quiet: boolean, planned?: Planned) {
  const say = (line: string): void => {
    if (!quiet) console.error(line);
  };
  say(
    `${spec.name}: ${spec.prompts.length} starting ${spec.prompts.length === 1 ? 'prompt' : 'prompts'}, ${spec.split.train.length}/${spec.split.validation.length}/${spec.split.test.length} rows, at most ${spec.budget.calls} calls`,
  );
  if (planned) for (const line of planWords(spec, planned)) say(line);
  if (spec.madePrompts) {
    say('No prompts were given; these are made from the task:');
    for (const prompt of spec.madePrompts) say(`  ${prompt}`);
  }
  if (spec.simulated) say('Simulated: no language model is running.');
  const told = new Set<string>();
  return {
    say,
    show(entries: readonly JournalEntry[], report: () => RunReport | undefined): void {
      let found: RunReport | undefined;
      const now = (): RunReport | undefined => (found ??= report());
      for (const { event } of entries) {
        if (event.type === 'model-probed')
          say(
            `${event.role} model: ${event.capabilities.topLogprobs === 0 ? 'no log-probabilities' : `top ${event.capabilities.topLogprobs} log-probabilities`}`,
          );
        if (event.type === 'search') {
          const words = factWords(event.fact, (id) => promptIn(now(), id));
          if (words !== undefined) say(`round ${event.fact.round}: ${words}`);
        }
        if (event.type === 'run-stalled') say(`The run waits: ${stalledBy(event.error)}`);
        if (event.type === 'calls-lost')
          say(
            `${event.attempts.length} calls were under way when the run was interrupted; they may have been charged.`,
          );
      }
      if (quiet || !entries.some(({ event }) => event.type === 'example-evaluated')) return;
      const { candidates, spending } = now() ?? { candidates: [] };
      for (const record of candidates) {
        const { candidate, round, summaries } = record;
        const { train } = summaries;
        if (told.has(candidate.id) || rowsDone(record) < spec.split.train.length) continue;
        told.add(candidate.id);
        const calls = spending ? `, ${callsOf(spending)} calls` : '';
        const entropy = train.crossEntropy ? `, cross entropy ${train.crossEntropy.value.toFixed(2)}` : '';
        say(`round ${round}${calls}: ${withInterval(train.accuracy)}${entropy}: ${excerptOf(candidate.prompt)}`);
      }
    },
    /** Answers that could not be read: what they look like, and how to have them read. */
    unreadable(stall: ErrorRecord): void {
      say('The first answers that could not be read:');
      for (const text of samplesOf(stall)) say(`  ${JSON.stringify(text.slice(0, 300))}`);
      const proposal = proposalOf(stall);
      say(
        proposal
          ? `To read most of them, run it again with ${flagOf(proposal)}: ${readingInWords(proposal)}. It goes on as it is now.`
          : 'It goes on as it is.',
      );
    },
    result(report: RunReport): void {
      console.log(report.end?.reason ?? '');
      bestOf(report, 'Best prompt');
      testOf(report);
      if (report.comparison)
        console.log(
          `Difference, paired: ${percent(report.comparison.value)} [${percent(report.comparison.lo)}, ${percent(report.comparison.hi)}]: ${report.comparison.verdict}`,
        );
      else
        console.log(
          report.best === report.baseline
            ? 'No prompt was better than the best starting prompt.'
            : spec.split.test.length === 0
              ? 'Cannot tell: no rows were set aside for the test.'
              : 'Cannot tell: too few test rows were answered for both prompts.',
        );
      spentOf(report);
    },
    /** What a run that was broken off has found; nothing where it has found nothing yet. */
    soFar(report: RunReport): void {
      if (report.best === undefined) return;
      bestOf(report, 'Best prompt so far');
      if (report.candidates.some(({ summaries }) => summaries.test.asked > 0)) testOf(report);
      else if (spec.split.test.length > 0) console.log('The sealed test rows were not opened.');
      spentOf(report);
    },
  };

  function bestOf(report: RunReport, title: string): void {
    console.log(`${title}:\n${candidateOf(report, report.best)?.candidate.prompt ?? ''}\n`);
    const reported = reportedScore(report);
    for (const chosen of reported?.chosenOn ?? []) console.log(chosenWords(chosen));
    if (reported?.standing === 'development') console.log('Development accuracy: no rows were sealed.');
  }

  function testOf(report: RunReport): void {
    const [best, baseline] = [candidateOf(report, report.best), candidateOf(report, report.baseline)];
    console.log(
      `Sealed test rows: best ${withInterval(best?.summaries.test.accuracy)}; best starting prompt ${withInterval(baseline?.summaries.test.accuracy)}`,
    );
  }

  function spentOf({ spending, costUsd }: RunReport): void {
    console.log(
      `${spending.evaluationCalls} evaluation calls, ${spending.generatorCalls} generator calls, ${spending.probeCalls} probe calls; ` +
        `${spending.evaluation.inputTokens + spending.generator.inputTokens} tokens in, ${spending.evaluation.outputTokens + spending.generator.outputTokens} tokens out` +
        (costUsd === undefined ? '' : `; about $${costUsd.toFixed(4)}`),
    );
    if (spending.uncertainCalls > 0 && !spec.simulated)
      console.log(`${spending.uncertainCalls} calls may have been charged without an answer.`);
  }
}
