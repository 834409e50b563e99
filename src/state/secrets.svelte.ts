import { secretsOf, type Fields, type FieldValue } from '#core/fields.ts';
import type { ModelChoice } from '#core/run.ts';
import { secretPlace, type SecretEntry } from '#engine/api.ts';

/** Keys of this visit, in memory only: gone with the page. A key belongs to the provider and the origin it was entered for. */
export class Secrets {
  readonly #byPlace = new Map<string, SecretEntry>();
  #count = $state(0);

  /** How many places have a key: something to show beside "forget". */
  get count(): number {
    return this.#count;
  }

  of(choice: ModelChoice): Readonly<Record<string, FieldValue>> {
    return this.#byPlace.get(secretPlace(choice))?.values ?? {};
  }

  /** Takes the secrets out of the values of a form and returns the rest, which may be stored. */
  keep(choice: ModelChoice, fields: Fields): ModelChoice {
    const names = secretsOf(fields);
    const values = Object.fromEntries(
      names.flatMap((name) => (choice.values[name] ? [[name, choice.values[name]]] : [])),
    );
    const rest = Object.fromEntries(Object.entries(choice.values).filter(([name]) => !names.includes(name)));
    const url = choice.values['baseUrl'];
    if (Object.keys(values).length > 0)
      this.#byPlace.set(secretPlace(choice), {
        provider: choice.provider,
        origin: typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : '',
        values,
      });
    this.#count = this.#byPlace.size;
    return { ...choice, values: rest };
  }

  list(): readonly SecretEntry[] {
    return [...this.#byPlace.values()];
  }

  forget(): void {
    this.#byPlace.clear();
    this.#count = 0;
  }
}
