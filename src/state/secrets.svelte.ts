import { plainSecret, secretsOf, type Fields, type FieldValue } from '#core/fields.ts';
import type { ModelChoice } from '#core/run.ts';
import { secretPlace, type SecretEntry } from '#engine/api.ts';
import { neverLog } from '#lib/redact.ts';
import { originOf } from './origin.ts';

/** The keys in the memory of this page; keys.svelte.ts knows what else becomes of them. A key belongs to the provider and the origin it was entered for. */
export class Secrets {
  #byPlace = $state.raw<Readonly<Record<string, SecretEntry>>>({});

  /** How many places have a key: something to show beside "forget". */
  get count(): number {
    return Object.keys(this.#byPlace).length;
  }

  of(choice: ModelChoice): Readonly<Record<string, FieldValue>> {
    return this.#byPlace[secretPlace(choice)]?.values ?? {};
  }

  /** Takes the secrets out of the values of a form and returns the rest, which may be stored. */
  keep(choice: ModelChoice, fields: Fields): ModelChoice {
    const names = secretsOf(fields);
    const typed = names.map((name) => [name, plainSecret(String(choice.values[name] ?? ''))] as const);
    const values = Object.fromEntries(typed.filter(([, key]) => key !== ''));
    const rest = Object.fromEntries(Object.entries(choice.values).filter(([name]) => !names.includes(name)));
    if (Object.keys(values).length > 0) {
      const entry = { provider: choice.provider, origin: originOf(choice.values), values };
      this.put(entry);
    }
    return { ...choice, values: rest };
  }

  put(entry: SecretEntry): void {
    for (const value of Object.values(entry.values)) neverLog(String(value));
    this.#byPlace = { ...this.#byPlace, [placeOf(entry)]: entry };
  }

  at(place: string): SecretEntry | undefined {
    return this.#byPlace[place];
  }

  list(): readonly SecretEntry[] {
    return Object.values(this.#byPlace);
  }

  /** Forgets the key of this place only. */
  drop(place: string): void {
    this.#byPlace = Object.fromEntries(Object.entries(this.#byPlace).filter(([known]) => known !== place));
  }

  forget(): void {
    this.#byPlace = {};
  }
}

/** Where an entry belongs. */
export const placeOf = ({ provider, origin }: SecretEntry): string =>
  secretPlace({ provider, values: { baseUrl: origin } });
