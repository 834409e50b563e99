import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { BestPromptsFile } from '#exporters/best-prompts.ts';
import { readRunBundle } from '#exporters/index.ts';
import { optimize, withFiles } from '../support/command-line.ts';
import { madeFile, sizes, startKnowingServer } from '../support/made-set.ts';

const key = 'sk-of-the-environment';
const prompts = 'What is this message about?\n---\nxq zz 41 blorp under ladder seven\n';
const files = { 'rows.csv': madeFile.text, 'prompts.txt': prompts };
const small = [
  ...Object.entries(sizes).flatMap(([part, rows]) => [`--${part}`, String(rows)]),
  ...['--optimizer', 'contrastive'],
  ...['--set', 'rounds=2', '--set', 'proposals=1', '--concurrency', '3', '--model', 'test-model'],
];

it('says in its file exactly how many calls of which kind the server counted', async () => {
  const server = await startKnowingServer({ key, models: ['test-model', 'big-model'] });
  try {
    await withFiles(files, async (path) => {
      const ended = await optimize(
        [
          ...['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--base-url', server.baseUrl],
          ...['--generator-model', 'big-model', '--json', path('best.json'), '--run', path('whole.json'), ...small],
        ],
        { APG_API_KEY: key },
      );
      expect(ended, ended.err).toMatchObject({ code: 0 });
      const written = await readFile(path('best.json'), 'utf8');
      const { cost, ...best } = v.parse(BestPromptsFile, JSON.parse(written));
      const { result } = JSON.parse(written) as { result: { status: string; end: { outcome: string } } };
      expect(result).toMatchObject({ status: 'ended', end: { outcome: 'finished' } });
      expect(best.prompts.length).toBeGreaterThanOrEqual(2);

      const { entries } = readRunBundle(await readFile(path('whole.json'), 'utf8'), 'whole.json');
      const probes = (role: string): number =>
        entries.reduce(
          (sum, { event }) => sum + (event.type === 'model-probed' && event.role === role ? event.calls : 0),
          0,
        );
      const calls = (model: string): number => server.completions.filter(({ body }) => body?.model === model).length;
      expect(cost.evaluationCalls).toBe(calls('test-model') - probes('evaluation'));
      expect(cost.generatorCalls).toBe(calls('big-model') - probes('generator'));
      expect(cost.probeCalls).toBe(probes('evaluation') + probes('generator'));
      expect(cost).toMatchObject({ generatorCalls: 2, cachedAnswers: 0 });
      expect(server.finished).toBe(server.completions.length);
      expect(ended.out).toContain(`${cost.evaluationCalls} evaluation calls, ${cost.generatorCalls} generator calls`);
      for (const text of [written, ended.out, ended.err]) expect(text).not.toContain(key);
    });
  } finally {
    await server.close();
  }
});

it('ends with 1 and the words of the app when the key is wrong, after one question', async () => {
  const server = await startKnowingServer({ key });
  try {
    await withFiles(files, async (path) => {
      const { code, out, err } = await optimize(
        ['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--base-url', server.baseUrl, ...small],
        { APG_API_KEY: 'sk-wrong-one' },
      );
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain(`The key was refused. ${new URL(server.origin).host} does not accept this API key.`);
      expect(err).not.toContain('sk-wrong-one');
      expect(err, 'no stack').not.toMatch(/^\s+at /m);
      expect(server.completions).toHaveLength(1);
    });
  } finally {
    await server.close();
  }
});

it('ends with 2 and a pointer to the help when the command line is wrong', async () => {
  const { code, out, err } = await optimize(['--data', 'nowhere.csv', '--prompts', 'nowhere.txt']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('--data: nowhere.csv cannot be read (there is no such file or folder).');
  expect(err).toContain('npm run optimize -- --help');
});
