import { costOf } from '#core/budget.ts';
import { summarize, type Summary } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { CandidateId } from '#core/id.ts';
import { notCompared } from '#core/optimizer.ts';
import { compareSealed } from '#core/compare-sealed.ts';
import { rowsDone, type CandidateReport, type GenerationReport, type RunReport } from '#core/report.ts';
import { callsPerCell } from '#core/run.ts';
import type { CandidateState, RunState } from './run-state.ts';

/**
 * The run as its readers see it, in fresh objects at each call, so that a screen may keep and compare them.
 * @param now up to when the time of a run counts that goes on: by itself, up to the last entry of its driver. A person may say something
 * long after it was interrupted.
 */
export function reportOf(state: RunState, now = state.drivenAt): RunReport | undefined {
  const { spec } = state;
  if (!spec) return undefined;
  const candidates = [...state.candidates.values()].map(candidateReport);
  const leader = state.leaders.at(-1)?.id;
  const kept = leader !== undefined && state.candidates.has(leader) ? leader : undefined;
  const best = state.searchEnd?.best ?? kept ?? bestOf(candidates)?.candidate.id;
  const baseline =
    state.searchEnd?.baseline ??
    bestOf(candidates.filter(({ candidate }) => candidate.origin.type === 'start'))?.candidate.id;
  return {
    spec,
    status: state.status,
    candidates,
    best,
    baseline,
    comparison: best === baseline ? undefined : comparison(state, best, baseline),
    finalistsCompared:
      state.searchEnd !== undefined &&
      !state.searchEnd.reason.includes(notCompared) &&
      candidates.some(({ summaries }) => summaries.validation.asked > 0),
    facts: state.facts.map(({ fact }) => fact),
    leaders: [...state.leaders],
    generations: generationsOf(state),
    spending: state.spending,
    callsPerAnswer: callsPerCell(spec.task, state.capabilities.evaluation ?? { topLogprobs: 0 }),
    cachedAnswers: state.cachedAnswers,
    reopened: [...state.candidates.values()].reduce((sum, { reopened }) => sum + reopened.length, 0),
    costUsd: costOf(state.spending, {
      evaluation: spec.models.evaluation.price,
      generator: spec.models.generator.price,
    }),
    startedAt: state.startedAt,
    lastAt: state.lastAt,
    runningMs: state.runningMs + (state.status === 'running' ? Math.max(0, now - state.runningSince) : 0),
    end: state.end,
    stall: state.stall,
  };
}

/**
 * Summaries by the results they were made of. A map is not added up again that has not grown, and has as many failed rows as then: once
 * the run has ended, those that are asked again are answered in their place.
 */
const summaries = new WeakMap<ReadonlyMap<unknown, unknown>, Summary>();

function summaryOf(results: CandidateState['results'][Split], failed: number): Summary {
  const known = summaries.get(results);
  if (known?.asked === results.size && known.outcomes.failed === failed) return known;
  const summary = summarize(results.values());
  summaries.set(results, summary);
  return summary;
}

const candidateReport = ({
  candidate,
  round,
  order,
  callsAfter,
  results,
  failed,
}: CandidateState): CandidateReport => ({
  candidate,
  round,
  order,
  callsAfter,
  results,
  summaries: {
    train: summaryOf(results.train, failed.train),
    validation: summaryOf(results.validation, failed.validation),
    test: summaryOf(results.test, failed.test),
  },
});

/** By accuracy on the train rows, then cross entropy; among the prompts that have seen as many rows as any. */
function bestOf(candidates: readonly CandidateReport[]): CandidateReport | undefined {
  const tried = candidates.filter(({ summaries: { train } }) => train.asked > 0);
  if (tried.length === 0) return undefined;
  const most = Math.max(...tried.map(rowsDone));
  const full = tried.filter((record) => rowsDone(record) === most);
  return full.reduce((best, next) => {
    const [a, b] = [best.summaries.train, next.summaries.train];
    const gain = (b.accuracy?.value ?? -1) - (a.accuracy?.value ?? -1);
    const calmer = (b.crossEntropy?.value ?? Infinity) < (a.crossEntropy?.value ?? Infinity);
    return gain > 0 || (gain === 0 && calmer) ? next : best;
  });
}

function comparison(
  state: RunState,
  best: CandidateId | undefined,
  baseline: CandidateId | undefined,
): RunReport['comparison'] {
  const [a, b] = [best && state.candidates.get(best), baseline && state.candidates.get(baseline)];
  return a && b ? compareSealed(a, b, state.spec?.split.test ?? []) : undefined;
}

/** In the order in which they were asked for. In runs of versions before 0.2 the last round that had begun stands for theirs. */
const generationsOf = (state: RunState): readonly GenerationReport[] =>
  [...state.generated.values()]
    .sort((a, b) => a.step - b.step || a.job - b.job)
    .map(({ step, job, round = roundBefore(state, step), purpose = 'prompt', messages, output, latencyMs }) => ({
      ...{ step, job, round, purpose },
      ...{ messages, text: output.text, latencyMs },
    }));

const roundBefore = ({ facts }: RunState, step: number): number =>
  facts.findLast((told) => told.step < step && told.fact.type === 'round-started')?.fact.round ?? 0;
