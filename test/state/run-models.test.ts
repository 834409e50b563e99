import { expect, it } from 'vitest';
import { callsPerCell } from '#core/run.ts';
import { planOf } from '#state/run-models.ts';
import { HandMadeRun, start } from '../support/hand-made-run.ts';

it('a plan counts answers: where each of them takes further ones, the budget holds as many fewer', () => {
  const first = start('Say something.');
  const { spec } = new HandMadeRun([first.prompt]);
  const roundsOf = (topLogprobs: number | undefined, estimateSamples: number) => {
    const run = new HandMadeRun([first.prompt], {
      budget: { calls: 240 },
      task: { ...spec.task, estimateSamples },
      optimizer: { ...spec.optimizer, values: { rounds: 50, proposals: 2, finalists: 1 } },
    });
    if (topLogprobs !== undefined)
      run.add({ type: 'model-probed', role: 'evaluation', capabilities: { topLogprobs, rejected: [] }, calls: 1 });
    const { report } = run;
    expect(report.callsPerAnswer).toBe(callsPerCell(report.spec.task, { topLogprobs: topLogprobs ?? 0 }));
    return planOf(report)?.rounds ?? 0;
  };
  const whole = roundsOf(0, 0);
  expect(whole).toBeGreaterThan(3);
  // with log-probabilities nothing is asked again; what is not known yet is reckoned as in the forecast
  expect([roundsOf(20, 2), roundsOf(undefined, 0)]).toEqual([whole, whole]);
  expect(roundsOf(0, 2)).toBeLessThan(whole / 2);
  expect(roundsOf(undefined, 2)).toBe(roundsOf(0, 2));
});
