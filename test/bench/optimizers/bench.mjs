// @ts-check
// What all runs share: the model servers, the proxy, the kept answers, the environment of the peers.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startLocalModel } from '../../../scripts/local-models.mjs';
import { openSources } from '../speed/tools.mjs';
import { Answers } from './answers.mjs';
import { ensurePeers } from './peers.mjs';
import { defaultShape, Proxy } from './proxy.mjs';

const git = (/** @type {string[]} */ ...words) => execFileSync('git', words, { encoding: 'utf8' }).trim();
/** Where something was changed since, a plus stands behind it. */
const commit = () =>
  git('rev-parse', '--short', 'HEAD') +
  (git('status', '--porcelain', '--', ':/src', ':/test/bench/optimizers') ? '+' : '');

/**
 * @param {object} options
 * @param {string} options.model  evaluation model
 * @param {string} options.generator
 * @param {string | undefined} options.baseUrl  a server that is there already, with both models
 * @param {boolean} options.native
 * @param {string} options.cache  folder
 * @param {number} options.concurrency  requests of a run at the same time
 * @param {number} options.jobs  runs at the same time
 * @param {(line: string) => void} options.log
 */
export async function openBench({ model, generator, baseUrl, native, cache, concurrency, jobs, log }) {
  /** @type {Map<string, import('../../../scripts/local-models.mjs').RunningModel>} */
  const servers = new Map();
  let isClosing = false;
  /** @param {string} name */
  const start = async (name) => {
    const server = await startLocalModel({ model: name, parallel: concurrency * jobs, native, log });
    servers.set(name, server);
    // a long run outlives its server: clients wait and ask again, and find the new one
    void server.ended.then(async () => {
      if (isClosing) return;
      log(`The server of ${name} has ended; it is started again.`);
      await start(name).catch((error) => log(`It could not be started: ${error}`));
    });
  };
  if (baseUrl === undefined) for (const name of new Set([model, generator])) await start(name);
  const upstreamOf = (/** @type {string} */ name) => ({
    model: name,
    get url() {
      return baseUrl ?? servers.get(name)?.baseUrl ?? '';
    },
  });
  // another build rounds in another way: its answers are its own
  const build = baseUrl === undefined ? (native ? 'native' : 'wheel') : 'given';
  const sources = await openSources();
  const { exact } = await sources.ssrLoadModule('/src/metrics/exact.ts');
  const { crossEntropy } = await sources.ssrLoadModule('/src/metrics/cross-entropy.ts');
  const { candidateId } = await sources.ssrLoadModule('/src/core/id.ts');
  const { templatePrompts } = await sources.ssrLoadModule('/src/optimizers/parts/templates.ts');
  const { optimizers } = await sources.ssrLoadModule('/src/optimizers/index.ts');
  const answers = await Answers.open(join(cache, `answers-${build}.jsonl`));
  const proxy = new Proxy({
    upstreams: { evaluation: upstreamOf(model), generator: upstreamOf(generator) },
    answers,
    isRight: (targets, text) => exact.score({ targets }, { text }, { type: 'text' }).value === 1,
  });
  const url = await proxy.listen();
  log(`${answers.size} answers are kept from before.`);
  /** @type {Promise<string> | undefined} */
  let python;
  return {
    proxy,
    url,
    python: () => (python ??= ensurePeers(cache, log)),
    /** What PACER puts together without a generator. @param {import('./tasks.mjs').Task} task @returns {readonly string[]} */
    templatesOf: (task) => templatePrompts(task, task.pool, []),
    /**
     * Of the right answer, in nats, as the app reads it; negative: at least so much, null: not known.
     * @param {readonly string[]} targets @param {any} body @param {import('./tasks.mjs').AnswerForm} answer @returns {number | null}
     */
    crossEntropyOf: (targets, body, answer) => {
      const score = crossEntropy.score({ targets }, completionOf(body), answer);
      if (score.type === 'unscored') return null;
      const value = Math.round(score.value * 1000) / 1000;
      return score.bound === 'at-least' ? -Math.max(value, 0.001) : value;
    },
    /** A source of the app or of this benchmark. @type {(path: string) => Promise<any>} */
    load: (path) => sources.ssrLoadModule(path),
    /** The app's name of a prompt. @type {(prompt: string) => string} */
    idOf: candidateId,
    /** Version of an optimizer of ours; undefined for others. @param {string} id */
    versionOf: (id) => (optimizers[id] ? String(optimizers[id].version) : undefined),
    /** Where, when and with what a result was made. */
    stamp: () => ({
      date: new Date().toISOString(),
      command: `npm run bench:optimizers -- ${process.argv.slice(2).join(' ')}`.replace(/--data \S+/, '--data DIR'),
      commit: commit(),
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} threads`,
      server: { native: 'llama.cpp, native build', wheel: 'xllamacpp wheel', given: 'given by --base-url' }[build],
      shape: defaultShape,
    }),
    async close() {
      await proxy.close();
      await sources.close();
      isClosing = true;
      for (const server of servers.values()) await server.stop();
    },
  };
}

/** A kept answer as the app has it. @param {any} body */
export const completionOf = ({ choices: [choice] }) => ({
  text: choice.message.content,
  finishReason: choice.finish_reason,
  tokens: choice.logprobs?.content?.map((/** @type {any} */ { token, logprob, top_logprobs }) => ({
    ...{ token, logprob },
    alternatives: top_logprobs,
  })),
});
