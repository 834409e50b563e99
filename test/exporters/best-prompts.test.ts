import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { BestPromptsFile, printBestPrompts, readPrompts } from '#exporters/best-prompts.ts';
import { bestPromptsOf } from '#exporters/from-report.ts';
import { defaultsOf } from '#core/fields.ts';
import { randomDemos } from '#optimizers/random-demos.ts';
import { atSecretAddress, madeRun } from './made-run.ts';

const source = await madeRun();
const file = bestPromptsOf(source.report, source.simulated);

describe('the best prompts of a run', () => {
  it('keep to their schema, printed and read again', () => {
    const read = v.parse(BestPromptsFile, JSON.parse(printBestPrompts(file)));
    expect(read).toEqual(file);
  });

  it('begin with the winner, hold the baseline, and rank without gaps', () => {
    expect(file.prompts[0]?.id).toBe(source.report.best);
    expect(file.prompts.map(({ id }) => id)).toContain(source.report.baseline);
    expect(file.prompts.map(({ rank }) => rank)).toEqual(file.prompts.map((_, i) => i + 1));
    expect(file.prompts.length).toBeLessThanOrEqual(11);
  });

  it('hold messages that can be sent, with their variables', () => {
    for (const { prompt, messages, variables } of file.prompts) {
      expect(messages).toEqual([{ role: 'user', content: `${prompt}\n\n{{text}}` }]);
      expect(variables).toEqual(['text']);
    }
  });

  it('give the sealed score of the winner with its interval, and mark play numbers', () => {
    const test = file.prompts[0]?.scores.test;
    expect(test).toMatchObject({ n: 8, coverage: 1 });
    expect(test?.accuracy?.lo).toBeLessThanOrEqual(test?.accuracy?.value ?? -1);
    expect(file.models.evaluation).toMatchObject({ provider: 'simulated', simulated: true });
  });

  it('say how much of the score of the winner is selection, and the sealed score beside it', () => {
    expect(file.selection).toMatchObject({ standing: 'sealed', test: file.prompts[0]?.scores.test?.accuracy });
    for (const { split, accuracy, corrected = 0 } of file.selection?.chosenOn ?? []) {
      expect(accuracy).toEqual(file.prompts[0]?.scores[split]?.accuracy);
      expect(corrected).toBeLessThanOrEqual(1);
    }
    expect(file.selection?.chosenOn.map(({ split }) => split)).toEqual(['train', 'validation']);
  });

  it('say of how many earlier runs used the test rows', () => {
    const { report, simulated } = source;
    expect(file.selection).not.toHaveProperty('testSeen');
    const later = bestPromptsOf({ ...report, spec: { ...report.spec, testSeen: 2 } }, simulated);
    expect(v.parse(BestPromptsFile, later).selection?.testSeen).toBe(2);
  });

  it('are documented with an example that keeps to the schema', () => {
    const text = readFileSync(new URL('../../docs/best-prompts.md', import.meta.url), 'utf8');
    const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '') as object;
    expect(v.parse(v.strictObject(BestPromptsFile.entries), example)).toEqual(example);
    for (const key of Object.keys(BestPromptsFile.entries)) expect(text).toContain(`\`${key}\``.slice(0, -1));
  });

  it('tell an instruction and the rows that it shows apart, and are read back whole', async () => {
    const values = { ...defaultsOf(randomDemos.fields), rounds: 1, sets: 3 };
    const { report, simulated } = await madeRun({
      optimizer: { id: randomDemos.id, version: randomDemos.version, values },
    });
    const { prompts } = bestPromptsOf(report, simulated);
    const showing = prompts.filter(({ demonstrations }) => demonstrations);
    expect(showing.length).toBeGreaterThan(0);
    const train = new Set(report.spec.split.train.map(String));
    for (const { prompt, instruction = '', demonstrations = [] } of showing) {
      expect(prompt.startsWith(`${instruction}\n\nExamples:`)).toBe(true);
      expect(prompt.match(/^Answer: /gm)).toHaveLength(demonstrations.length);
      for (const row of demonstrations) expect(train.has(row)).toBe(true);
    }
    for (const { demonstrations, instruction } of prompts)
      expect(instruction === undefined).toBe(demonstrations === undefined);
    const printed = printBestPrompts(bestPromptsOf(report, simulated));
    expect(readPrompts(printed, 'x.json')).toEqual(prompts.map(({ prompt }) => prompt));
  });

  it('come back as starting prompts, the same ones', () => {
    expect(readPrompts(printBestPrompts(file), 'x.json')).toEqual(file.prompts.map(({ prompt }) => prompt));
  });

  it('hold the winner even when nothing was evaluated', () => {
    const [first] = source.report.candidates;
    if (!first) throw new Error('a run has candidates');
    const none = { asked: 0, n: 0, right: 0 } as (typeof first.summaries)['train'];
    const candidates = [{ ...first, summaries: { train: none, validation: none, test: none } }];
    const empty = { ...source.report, candidates, best: first.candidate.id, baseline: first.candidate.id };
    expect(bestPromptsOf(empty, () => true).prompts).toMatchObject([{ id: first.candidate.id, scores: {} }]);
  });

  it('keep the address of the endpoint without what could be a key', () => {
    const { report, simulated } = atSecretAddress(source, 'canary');
    const text = printBestPrompts(bestPromptsOf(report, simulated));
    expect(text).not.toContain('canary');
    expect(text).toContain('https://api.example/v1');
  });
});

describe('starting prompts from a file', () => {
  it.each([
    ['["one", "two"]', ['one', 'two']],
    ['[{"prompt": "one"}, "two"]', ['one', 'two']],
    ['{"prompts": [{"prompt": "one", "rank": 1}]}', ['one']],
    ['\uFEFF["one"]', ['one']],
    ['["one", "", {"prompt": " "}]', ['one']],
  ])('%s', (text, prompts) => {
    expect(readPrompts(text, 'p.json')).toEqual(prompts);
  });

  it.each(['[]', '{}', 'null', '5', '"one"', '[1]', '[{"text": "one"}]', '{"prompts": "one"}', '[" "]'])(
    '%s are refused with a reason',
    (text) => {
      expect(() => readPrompts(text, 'p.json')).toThrow(
        expect.objectContaining({
          code: 'import-not-ours',
          details: expect.objectContaining({ file: 'p.json' }) as unknown,
        }),
      );
    },
  );

  it('that are no JSON are refused with the line', () => {
    expect(() => readPrompts('["one",\n"two",\n]', 'p.json')).toThrow(
      expect.objectContaining({ code: 'import-bad-json', details: expect.objectContaining({ line: 3 }) as unknown }),
    );
  });
});
