import { describe, expect, it } from 'vitest';
import { trainRows } from '#core/example.ts';
import { firstCallProblems } from '#engine/first-call.ts';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

const dataset = makeDataset(24);
const price = { inputUsd: 100, outputUsd: 300 };
const choice = { provider: 'simulated', values: {}, price };
const priced = { models: { evaluation: choice, generator: choice } };
const problemsOf = (budget: { readonly tokens?: number; readonly costUsd?: number }): readonly string[] => {
  const spec = makeSpec(dataset, { ...priced, budget: { calls: 1000, ...budget } });
  return firstCallProblems(spec, trainRows(dataset, spec.split));
};
/** The number of tokens that the sentence asks for. */
const wanted = ([text = '']: readonly string[]): number =>
  Number(/up to ([\d,]+) tokens/.exec(text)?.[1]?.replace(/,/g, ''));

describe('a budget that cannot hold one call', () => {
  it('is told what one call needs, and the way out; so much is enough', () => {
    const problems = problemsOf({ tokens: 50 });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/for the longest answer\); the limit of the whole run is 50\. Raise the limit/);
    expect(problemsOf({ tokens: wanted(problems) - 1 })).toHaveLength(1);
    expect(problemsOf({ tokens: wanted(problems) })).toEqual([]);
    expect(problemsOf({})).toEqual([]);
  });

  it('is told the same of money', () => {
    expect(problemsOf({ costUsd: 0.01 })[0]).toMatch(
      /^One call can cost up to \$0\.0\d .* the limit of the whole run is \$0\.01\./,
    );
    expect(problemsOf({ costUsd: 0.04 })).toEqual([]);
  });

  it('that begins is refused with nothing written and nothing asked', async () => {
    for (const budget of [{ calls: 1000, tokens: 50 }, { calls: 1000, costUsd: 0.01 }, { calls: 1 }]) {
      const machine = new Machine(dataset);
      const spec = makeSpec(dataset, { ...priced, budget });
      await expect(machine.open(spec).begin(spec)).rejects.toMatchObject({ code: 'run-invalid' });
      expect([machine.written, machine.asked]).toEqual([[], []]);
    }
  });

  it('cannot be started in the app, where the sentence stands beside the limits', () => {
    const draft = new RunDraft(dataset, 1, { prompts: ['Name the label.'] });
    expect(draft.findings).toEqual([]);
    draft.tokens = 100;
    expect(draft.findings).toEqual([
      { place: 'budget', text: expect.stringMatching(/^One call can take up to/) as string },
    ]);
    draft.tokens = 100_000;
    expect(draft.findings).toEqual([]);
    draft.models.setPrice('evaluation', { inputUsd: 10_000, outputUsd: 10_000 });
    draft.costUsd = 0.01;
    expect(draft.findings.map(({ text }) => text)).toEqual([expect.stringMatching(/^One call can cost up to/)]);
  });
});
