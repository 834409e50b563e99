import type { Price } from '#core/budget.ts';
import { defaultsOf, secretsOf, type FieldValue } from '#core/fields.ts';
import type { ModelChoice } from '#core/run.ts';
import { secretPlace } from '#engine/api.ts';
import { providerOf, providers } from '#providers/index.ts';

export type { ConnectionResult } from '#engine/api.ts';

/** A model as a form holds it: secrets are still among the values. */
export type ModelDraft = {
  readonly provider: string;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly price?: Price;
};

export const simulatedModel = (latencyMs = 0): ModelDraft => ({
  provider: 'simulated',
  values: { ...defaultsOf(providers.simulated.fields), latencyMs },
});

export const modelDraftOf = ({ provider, values, price }: ModelChoice): ModelDraft => ({
  provider,
  values: { ...defaultsOf(providerOf(provider)?.fields ?? {}), ...values },
  ...(price ? { price } : {}),
});

/** A copy without reactive proxies, fit for another thread. */
export const plainModel = ({ provider, values, price }: ModelDraft): ModelChoice => ({
  provider,
  values: { ...values },
  ...(price ? { price } : {}),
});

export const isSimulated = ({ provider }: ModelDraft): boolean => providerOf(provider)?.simulated ?? false;

/** What was filled in before and may be wanted again. */
export class Remembered {
  readonly #keys = new Map<string, Readonly<Record<string, FieldValue>>>();
  readonly #models = new Map<string, ModelDraft>();
  readonly #options = new Map<string, Readonly<Record<string, FieldValue>>>();

  /**
   * Keys follow the address they were typed for. Where the address of a form changes to another server, the key goes out of the form
   * with it, so that it is never sent there; it comes back when the address does.
   */
  moved(from: ModelDraft, to: ModelDraft): ModelDraft {
    const names = secretsOf(providerOf(to.provider)?.fields ?? {});
    if (from.provider !== to.provider || secretPlace(from) === secretPlace(to)) return to;
    this.#keys.set(secretPlace(from), Object.fromEntries(names.map((name) => [name, from.values[name] ?? ''])));
    const known = this.#keys.get(secretPlace(to)) ?? {};
    const secrets = Object.fromEntries(names.map((name) => [name, known[name] ?? '']));
    return { ...to, values: { ...to.values, ...secrets } };
  }

  /** Puts one model away and hands out what was filled in for another provider, its defaults at first. */
  provider(place: string, from: ModelDraft, id: string): ModelDraft {
    this.#models.set(`${place} ${from.provider}`, from);
    return this.#models.get(`${place} ${id}`) ?? modelDraftOf({ provider: id, values: {} });
  }

  /** The same for the options of an optimizer; undefined at first. */
  options(
    from: { readonly id: string; readonly values: Readonly<Record<string, FieldValue>> },
    id: string,
  ): Readonly<Record<string, FieldValue>> | undefined {
    this.#options.set(from.id, from.values);
    return this.#options.get(id);
  }
}

/** The texts without surrounding space, without empty ones, each once. */
export const distinctTexts = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.map((text) => text.trim()).filter((text) => text !== '')),
];
