// @ts-check
// What stands between every method and the model server, on this machine only. It counts, it caps, and it makes all requests alike:
//
// - A run is named by the API key of the request. It is opened with its caps and its rows; a call beyond a cap is answered by 402.
// - An evaluation call is taken apart into prompt and row and put together again, so that the same prompt on the same row is the same
//   request whoever asks: one user message, temperature 0, one seed, the same length, stop and log-probabilities.
// - A generator call keeps its messages. Temperature and longest answer are the same for all; its seed is made of that of the
//   run, what is asked, and how often it was asked before.
// - Equal requests are sent once; later ones get the kept answer, and count all the same. So each method meets the same model: with
//   several slots at work, a server's answer to the same request differs from time to time.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { Turns } from './turns.mjs';
import { apart, joined, questionOf, trimmed } from './wire.mjs';

/** @typedef {'evaluation' | 'generator'} Role */
/** @typedef {{ calls: number, refused: number, rejected: number, failed: number, kept: number, cut: number, inputTokens: number, outputTokens: number, busyMs: number }} Count */
/**
 * `refused`: over the cap, not sent; `rejected`: by the model server, as too long for instance; `failed`: no answer came;
 * `cut`: ended by the longest length
 */
/** @typedef {Record<Role, Count> & { foreign: number }} Counts  `foreign`: evaluation calls that held none of the run's rows */
/** @typedef {{ input: string, query: string, targets: readonly string[] }} Row  `query`: the input as the model is asked it */
/** @typedef {{ caps: Record<Role, number>, seed: number, rows: readonly Row[] }} RunSettings */
/** @typedef {{ url: string, model: string }} Upstream */
/** @typedef {{ maxAnswerTokens: number, maxPromptTokens: number, temperature: number, topLogprobs: number, stop: readonly string[] }} Shape */

/** @type {Shape} */
export const defaultShape = {
  maxAnswerTokens: 8,
  maxPromptTokens: 1000,
  temperature: 0.9,
  topLogprobs: 10,
  stop: ['\n'],
};

/** Texts were no longer once. One that ended by itself then is what the same question brings now: it is not written anew. */
const earlierPromptTokens = 400;
const evaluationSeed = 1;
/** A busy server on a slow machine takes its time; a method's own patience may end sooner. */
const longestMs = 30 * 60_000;
/** Questions that the server works on at the same time, for all runs together; texts of the generator are not held up. */
const questionsAtOnce = 3;
/** @returns {Count} */
const noCount = () => ({
  calls: 0,
  refused: 0,
  rejected: 0,
  failed: 0,
  kept: 0,
  cut: 0,
  inputTokens: 0,
  outputTokens: 0,
  busyMs: 0,
});

/** An answer with an HTTP status. */
class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A seed that a server takes: 31 bits. @param {string} of */
const seedOf = (of) => createHash('sha256').update(of).digest().readUInt32LE() >>> 1;

export class Proxy {
  /** @type {Map<string, { settings: RunSettings, counts: Counts, texts: Map<string, number> }>} */
  #runs = new Map();
  #server = createServer((request, response) => void this.#serve(request, response));
  #options;
  #turns = new Turns(questionsAtOnce);

  /**
   * @param {object} options
   * @param {Record<Role, Upstream>} options.upstreams
   * @param {import('./answers.mjs').Answers} options.answers
   * @param {(targets: readonly string[], answer: string) => boolean} options.isRight  the one parser
   * @param {Shape} [options.shape]
   */
  constructor({ shape = defaultShape, ...options }) {
    this.#options = { ...options, shape };
  }

  /** @returns {Promise<string>} its address */
  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve(undefined)));
  }

  /** @param {string} name @param {RunSettings} settings */
  open(name, settings) {
    this.#runs.set(name, {
      settings,
      counts: { evaluation: noCount(), generator: noCount(), foreign: 0 },
      texts: new Map(),
    });
  }

  /** @param {string} name @returns {Counts} */
  counts(name) {
    return this.#run(name).counts;
  }

  /** @param {readonly string[]} targets @param {string} answer */
  isRight(targets, answer) {
    return this.#options.isRight(targets, answer);
  }

  /** @param {string} name */
  #run(name) {
    const run = this.#runs.get(name);
    if (!run) throw new Refusal(401, 'unknown_run', `There is no run "${name}".`);
    return run;
  }

  /** Asks the evaluation model, as every method does. @param {string} name @param {string} text */
  async evaluate(name, text) {
    const { settings, counts } = this.#run(name);
    const found = apart(text.trimEnd(), settings.rows);
    if (!found) counts.foreign += 1;
    const content = found ? joined(found.prompt, found.row.query) : text;
    const { shape, upstreams } = this.#options;
    const request = {
      model: upstreams.evaluation.model,
      messages: [{ role: 'user', content }],
      temperature: 0,
      seed: evaluationSeed,
      max_tokens: shape.maxAnswerTokens,
      stop: shape.stop,
      logprobs: true,
      top_logprobs: shape.topLogprobs,
    };
    const topic = found?.prompt ?? text;
    return this.#ask(name, 'evaluation', request, () => this.#turns.of(topic, () => this.#send('evaluation', request)));
  }

  /** @param {string} name @param {any} body */
  async #generate(name, body) {
    const { settings, counts, texts } = this.#run(name);
    const { shape, upstreams, answers } = this.#options;
    // by what is asked, and how often it was before: of requests at the same time, none depends on which came first
    const topic = createHash('sha256').update(JSON.stringify(body.messages)).digest('hex');
    const times = texts.get(topic) ?? 0;
    texts.set(topic, times + 1);
    const request = (/** @type {number} */ seed, tokens = shape.maxPromptTokens) => ({
      model: upstreams.generator.model,
      messages: body.messages,
      temperature: shape.temperature,
      seed,
      max_tokens: tokens,
    });
    const seed = seedOf(`${settings.seed} ${topic} ${times}`);
    // older texts are taken as they are: their seed came from the place of the call, and their limit may have been shorter
    const kept = [seedOf(`${settings.seed} ${counts.generator.calls}`), seed]
      .flatMap((each) => [request(each, earlierPromptTokens), request(each)])
      .find((each) => {
        const [choice] = answers.kept(each)?.body.choices ?? [];
        return choice && (each.max_tokens === shape.maxPromptTokens || choice.finish_reason === 'stop');
      });
    const asked = request(seed);
    return this.#ask(name, 'generator', kept ?? asked, () => this.#send('generator', asked));
  }

  /**
   * Counts, caps, and asks. A call is counted before it is sent, so that calls at the same time cannot pass the cap together.
   * @param {string} name @param {Role} role @param {object} request
   * @param {() => Promise<import('./answers.mjs').Answer>} send
   */
  async #ask(name, role, request, send) {
    const { settings, counts } = this.#run(name);
    const count = counts[role];
    const cap = settings.caps[role];
    if (count.calls >= cap) {
      count.refused += 1;
      throw new Refusal(
        402,
        'insufficient_quota',
        `The budget is spent: ${cap} ${role} calls are allowed in this run.`,
      );
    }
    count.calls += 1;
    try {
      const { body, tookMs, isKept } = await this.#options.answers.of(request, send);
      if (isKept) count.kept += 1;
      count.busyMs += isKept ? 0 : tookMs;
      if (body.choices[0].finish_reason === 'length') count.cut += 1;
      count.inputTokens += body.usage.prompt_tokens;
      count.outputTokens += body.usage.completion_tokens;
      return body;
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) count.rejected += 1;
      else count.failed += 1;
      throw error;
    }
  }

  /** @param {Role} role @param {object} request */
  async #send(role, request) {
    const start = performance.now();
    const response = await fetch(`${this.#options.upstreams[role].url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(longestMs),
    });
    const body = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Refusal(response.status, 'upstream', JSON.stringify(body.error ?? body).slice(0, 300));
    return { body: trimmed(body), tookMs: Math.round(performance.now() - start) };
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #serve(request, response) {
    /** @param {number} status @param {unknown} body */
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    try {
      const name = (request.headers.authorization ?? '').replace(/^Bearer /, '');
      const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
      if (path === '/v1/models')
        return answer(200, { object: 'list', data: roles.map((id) => ({ id, object: 'model' })) });
      if (path === '/counts') return answer(200, this.counts(name));
      const body = JSON.parse(await textOf(request));
      if (path === '/score') return answer(200, { right: this.#scoreOf(name, body) });
      if (path !== '/v1/chat/completions') throw new Refusal(404, 'not_found', `There is nothing at ${path}.`);
      if (!roles.includes(body.model))
        throw new Refusal(
          404,
          'model_not_found',
          `The model "${body.model}" does not exist. Models: ${roles.join(', ')}.`,
        );
      return answer(200, await this.#complete(name, body));
    } catch (error) {
      const { status = 502, code = 'proxy', message } = /** @type {Partial<Refusal> & Error} */ (error);
      return answer(status, { error: { message, code, type: code } });
    }
  }

  /** Several answers to one question are as many calls. @param {string} name @param {any} body */
  async #complete(name, body) {
    const wanted = Number.isInteger(body.n) ? body.n : 1;
    const one = async () =>
      body.model === 'evaluation' ? this.evaluate(name, questionOf(body)) : this.#generate(name, body);
    const bodies = await Promise.all(Array.from({ length: wanted }, one));
    const [first] = bodies;
    const sum = (/** @type {string} */ part) => bodies.reduce((total, { usage }) => total + usage[part], 0);
    return {
      id: 'bench',
      object: 'chat.completion',
      created: 0,
      model: body.model,
      choices: bodies.map(({ choices: [choice] }, index) => ({ ...choice, index })),
      usage: {
        prompt_tokens: first.usage.prompt_tokens,
        completion_tokens: sum('completion_tokens'),
        total_tokens: first.usage.prompt_tokens + sum('completion_tokens'),
      },
    };
  }

  /** @param {string} name @param {{ input: string, answer: string }} asked */
  #scoreOf(name, { input, answer }) {
    const row = this.#run(name).settings.rows.find((candidate) => candidate.input === input);
    if (!row) throw new Refusal(404, 'unknown_row', 'This run has no such row.');
    return this.isRight(row.targets, answer);
  }
}

const roles = /** @type {const} */ (['evaluation', 'generator']);

/** @param {import('node:http').IncomingMessage} request @returns {Promise<string>} */
async function textOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
