// @ts-check
// Our optimizers, through the same command line that everybody has: npm run optimize.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { longestMinutes, runChild } from './child.mjs';
import { template } from './tasks.mjs';

const runner = fileURLToPath(new URL('../../../scripts/optimize.mjs', import.meta.url));

/** So often a run is taken up again that had to wait. */
const mostStalls = 3;

/**
 * @param {import('./methods.mjs').Ours} method
 * @param {import('./run.mjs').Job} job
 * @returns {Promise<import('./run.mjs').Found>}
 */
export async function runOurs(
  { optimizer, train, validation, set },
  { task, url, key, caps, seed, concurrency, folder },
) {
  const at = (/** @type {string} */ name) => join(folder, name);
  await writeFile(at('rows.json'), JSON.stringify(task.pool.map(({ input, targets }) => ({ input, targets }))));
  await writeFile(at('prompts.json'), JSON.stringify(task.start));
  await writeFile(
    at('template.json'),
    JSON.stringify({
      description: task.description,
      answer: task.answer,
      metric: 'exact',
      maxAnswerTokens: 8,
      messages: [{ role: 'user', content: `{{>prompt}}\n\n${template}` }],
    }),
  );
  // all calls of ours are held within the evaluation calls of the others, those of the generator and the probe included
  const words = [
    ...['--data', at('rows.json'), '--template', at('template.json'), '--prompts', at('prompts.json')],
    ...['--base-url', `${url}/v1`, '--model', 'evaluation', '--generator-model', 'generator', '--timeout', '1800'],
    ...[
      '--concurrency',
      String(concurrency),
      '--calls',
      String(caps.evaluation),
      '--seed',
      String(seed),
      '--minutes',
      String(longestMinutes),
    ],
    ...['--train', String(train), '--validation', String(validation), '--test', '0', '--optimizer', optimizer],
    ...Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...['--journal', at('journal'), '--json', at('result.json'), '--run', at('run.json')],
  ];
  const goOn = () => runChild(process.execPath, [runner, ...words], { env: { APG_API_KEY: key } });
  let { code, said } = await goOn();
  // a run that waits for a server that is too slow has not ended: a person would press Continue
  for (let stalls = 0; code === 1 && stalls < mostStalls; stalls += 1) ({ code, said } = await goOn());
  if (code !== 0) throw new Error(`ended with ${code}: ${said.trim().split('\n').slice(-3).join(' ')}`);
  const { prompts, result, optimizer: used } = JSON.parse(await readFile(at('result.json'), 'utf8'));
  const best = prompts.find((/** @type {any} */ { id }) => id === result.best) ?? prompts[0];
  return {
    prompt: best.prompt,
    score: (best.scores.validation ?? best.scores.train)?.accuracy?.value ?? null,
    tried: null,
    versions: { [used.id]: String(used.version) },
    note: result.end?.reason ?? null,
  };
}
