import { isTestSeen, type RunSpec } from '#core/run.ts';
import { onlyCompares } from '#state/run-models.ts';

/** What the end of a run will bring, said while it goes on: never a test that there are no rows for. */

type Given = Pick<RunSpec, 'split' | 'optimizer' | 'trialOf' | 'testSeen' | 'sameStart'>;

export const endsWithTest = ({ split }: Pick<Given, 'split'>): boolean => split.test.length > 0;

/** What is still to be told of the prompt that is the best so far. A comparison of prompts has no baseline to be better than. */
export function yetToTell(spec: Given): string {
  if (spec.trialOf) return 'a small trial has too few rows to tell whether it is really better';
  if (!endsWithTest(spec)) return 'no rows were set aside to tell whether it is really better';
  const rows = isTestSeen(spec) ? 'rows some or all of which earlier runs had used' : 'rows that nobody has seen';
  return `${onlyCompares(spec) ? 'how good it is' : 'whether it is really better'} is told at the end, on ${rows}`;
}

/** What comes of a run that is stopped after a round, in the menu. */
export const stopHelp = (spec: Given): string =>
  endsWithTest(spec) ? 'With the test at the end' : 'Then the best prompt is chosen';

/** The same, for who is about to stop it at once. */
export const stopInstead = (spec: Given): string =>
  `to have ${endsWithTest(spec) ? 'the test' : 'the best prompt chosen'}, stop after this round`;

/** The same, once it was said. `round`: the one that goes on. */
export const stopAwaited = (spec: Given, round: number): string =>
  `The run ends ${endsWithTest(spec) ? 'with the test ' : ''}when round ${round === 0 ? 'one would begin' : `${round} is done`}.`;
