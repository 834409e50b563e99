// @ts-check
// Answers that were given once, by the content of the request: in memory, and in a file that grows line by line.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** @typedef {{ body: any, tookMs: number }} Answer  what the server said, and how long it took the first time */

/** @param {unknown} request  @returns {string} equal for equal content */
const keyOf = (request) => createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 22);

export class Answers {
  /** @type {Map<string, Promise<Answer>>} */
  #known = new Map();
  /** Those that are there. @type {Map<string, Answer>} */
  #given = new Map();
  #file;

  /** @param {string} [file]  none: kept in memory only */
  constructor(file) {
    this.#file = file;
  }

  /** Reads what an earlier run has kept; a line that was cut off by a kill is left out. @param {string} file */
  static async open(file) {
    const answers = new Answers(file);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, ''); // there from the start, and writable
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      try {
        const { key, ...answer } = JSON.parse(line);
        answers.#known.set(key, Promise.resolve(answer));
        answers.#given.set(key, answer);
      } catch {
        continue;
      }
    }
    return answers;
  }

  get size() {
    return this.#known.size;
  }

  /** The answer to this content, where there is one already. @param {unknown} request */
  kept(request) {
    return this.#given.get(keyOf(request));
  }

  /**
   * The answer to this content: the kept one, the one under way, or a new one. What fails is not kept.
   * @param {unknown} request
   * @param {() => Promise<Answer>} ask
   * @returns {Promise<Answer & { isKept: boolean }>}
   */
  async of(request, ask) {
    const key = keyOf(request);
    const known = this.#known.get(key);
    if (known) return { ...(await known), isKept: true };
    const answer = ask();
    this.#known.set(key, answer);
    try {
      const given = await answer;
      this.#given.set(key, given);
      // one line by itself after a line that a kill has cut off: hence the line break in front
      if (this.#file) await appendFile(this.#file, `\n${JSON.stringify({ key, ...given })}`);
      return { ...given, isKept: false };
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }
}
