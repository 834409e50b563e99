import type { ExampleId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { RunSpec } from '#core/run.ts';
import type { DraftStart } from './draft-start.ts';

/** So many of the best prompts start the next run: enough to go on from, few enough to be cheap. */
export const handedOn = 4;

/**
 * A draft with the settings of a run: its rows in the same parts, its models without keys. A trial leads to the run in full.
 * @param isOpened whether the run has opened its test rows.
 */
export function settingsOf(spec: RunSpec, prompts: readonly string[] = spec.prompts, isOpened = false): DraftStart {
  const split = spec.trialOf?.split ?? spec.split;
  const testSeen = (spec.testSeen ?? 0) + Number(isOpened);
  // also those that nothing was asked about: they may stand in its prompts, or have been shown to the generator
  const rowsSeen = [...spec.split.train, ...spec.split.validation, ...(testSeen > 0 ? split.test : [])];
  return {
    name: spec.trialOf ? spec.name.replace(/, small trial$/, '') : spec.name,
    prompts,
    ...(spec.madePrompts ? { madePrompts: spec.madePrompts } : {}),
    task: spec.task,
    models: spec.models,
    split,
    rowsSeen,
    ...(testSeen > 0 ? { testSeen } : {}),
    ...(spec.testSeen && !spec.sameStart ? {} : { oldPrompts: spec.prompts }),
    optimizer: { id: spec.optimizer.id, values: spec.optimizer.values },
    budget: spec.trialOf?.budget ?? spec.budget,
    concurrency: spec.concurrency,
  };
}

/** Whether anything was asked about the sealed rows. */
export const hasOpenedTest = ({ candidates }: RunReport): boolean =>
  candidates.some(({ results }) => results.test.size > 0);

/** Earlier runs that used some of these test rows, at least, where the rows were divided anew since. */
export function testSeenDividedAnew(
  { testSeen = 0, rowsSeen = [] }: Pick<DraftStart, 'testSeen' | 'rowsSeen'>,
  test: readonly ExampleId[],
): number {
  const seen = new Set(rowsSeen);
  return test.some((id) => seen.has(id)) ? Math.max(1, testSeen) : 0;
}

/** The prompts that a run began with, and those of its own that did better than all of them: what a trial hands on. */
export function withFoundPrompts({ spec, candidates, baseline }: RunReport): readonly string[] {
  const scored = candidates.filter(({ summaries: { train } }) => train.n > 0);
  const scoreOf = ({ summaries: { train } }: (typeof scored)[number]): number => train.accuracy?.value ?? 0;
  const floor = scored.find(({ candidate }) => candidate.id === baseline);
  const better = scored
    .filter((one) => one.candidate.origin.type !== 'start' && scoreOf(one) > (floor ? scoreOf(floor) : 0))
    .sort((a, b) => scoreOf(b) - scoreOf(a) || a.order - b.order)
    .slice(0, handedOn);
  return [...new Set([...spec.prompts, ...better.map(({ candidate }) => candidate.prompt)])];
}
