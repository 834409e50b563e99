import { expect, it } from 'vitest';
import { callsPerCell } from '#core/run.ts';
import { keySlots, missingKeys, planOf } from '#state/run-models.ts';
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

it('another key is wanted for the place that refused one, and for no other', () => {
  const at = (host: string) => ({
    provider: 'openai-compatible',
    values: { baseUrl: `https://${host}/v1`, model: 'small' },
  });
  const { spec } = new HandMadeRun([start('Say something.').prompt], {
    models: { evaluation: at('api.example.com'), generator: at('router.example.org') },
  });
  const all = { of: () => ({ apiKey: 'sk-0123456789abcdef' }) };
  const halt = { code: 'provider-unauthorized', details: { status: 401, host: 'router.example.org' } } as const;
  expect(keySlots(spec, all, halt).map(({ place, known, refused }) => [place, known, refused])).toEqual([
    ['api.example.com', true, false],
    ['router.example.org', true, true],
  ]);
  expect(missingKeys(spec, all, halt).map(({ place }) => place)).toEqual(['router.example.org']);
  expect(missingKeys(spec, all)).toEqual([]);
  // one that is not there was not refused
  const none = { of: () => ({}) };
  expect(missingKeys(spec, none, halt).map(({ refused }) => refused)).toEqual([false, false]);
});
