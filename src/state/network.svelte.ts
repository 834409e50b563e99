import type { Settings } from '#core/library.ts';
import type { ModelChoice } from '#core/run.ts';
import { originOf } from './origin.ts';
import { readRequestBook, requestsOf, type HostCount } from './request-book.ts';

const place = 'network.allowed';

/**
 * The addresses that this app may talk to: those that a person named, and nothing that came in a file. Naming is no question of its
 * own: to press "Test connection" or "Start" beside an address is to name it.
 */
export class Network {
  #allowed = $state.raw<readonly string[]>([]);
  readonly #settings: Settings;
  /** Requests by address when this page was opened. */
  #before: Readonly<Record<string, number>> = {};

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get allowed(): readonly string[] {
    return this.#allowed;
  }

  /** To be called once, when the app opens. */
  async open(): Promise<void> {
    const [counts] = await Promise.all([readRequestBook(this.#settings), this.load()]);
    this.#before = Object.fromEntries(counts.map((count) => [count.origin, requestsOf(count)]));
  }

  async load(): Promise<void> {
    const kept = await this.#settings.get(place);
    this.#allowed = Array.isArray(kept) ? kept.filter((origin) => typeof origin === 'string') : [];
  }

  /** The origins of these models that were not named yet, each once. */
  unknown(choices: readonly ModelChoice[]): readonly string[] {
    return originsOf(choices).filter((origin) => !this.#allowed.includes(origin));
  }

  /** A person named the addresses of these models. */
  async allow(choices: readonly ModelChoice[]): Promise<void> {
    if (this.unknown(choices).length === 0) return;
    await this.load(); // another tab may have added one
    this.#allowed = [...this.#allowed, ...this.unknown(choices)];
    await this.#settings.set(place, this.#allowed);
  }

  /** Requests of all visits by address, and how many of them were sent since this page was opened, in whichever tab. */
  async book(): Promise<readonly (HostCount & { readonly visit: number })[]> {
    const counts = await readRequestBook(this.#settings);
    return counts.map((count) => ({ ...count, visit: requestsOf(count) - (this.#before[count.origin] ?? 0) }));
  }

  async forget(origin: string): Promise<void> {
    await this.load();
    this.#allowed = this.#allowed.filter((known) => known !== origin);
    await this.#settings.set(place, this.#allowed);
  }
}

const originsOf = (choices: readonly ModelChoice[]): readonly string[] => [
  ...new Set(choices.map(({ values }) => originOf(values)).filter((origin) => origin !== '')),
];
