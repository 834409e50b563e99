// @ts-check
// Who may ask next. A model server keeps the work of the beginning that two requests share, but only in the place that did it: a few
// questions at a time, one prompt after the other, are answered sooner than all at once.

export class Turns {
  #free;
  /** @type {{ topic: string, begin: () => void }[]} */
  #waiting = [];
  /** The topic of the last one that was let in. */
  #topic = '';

  /** @param {number} places  how many may be in at the same time */
  constructor(places) {
    this.#free = places;
  }

  /**
   * Does the work when there is room. Those with the topic of the last one go first, then whoever has waited longest.
   * @template T
   * @param {string} topic
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async of(topic, work) {
    await new Promise((resolve) => {
      this.#waiting.push({ topic, begin: () => resolve(undefined) });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#free += 1;
      this.#next();
    }
  }

  #next() {
    if (this.#free === 0 || this.#waiting.length === 0) return;
    const same = this.#waiting.findIndex(({ topic }) => topic === this.#topic);
    const [first] = this.#waiting.splice(Math.max(0, same), 1);
    if (!first) return;
    this.#free -= 1;
    this.#topic = first.topic;
    first.begin();
  }
}
