import type { Price } from '#core/budget.ts';
import type { Settings } from '#core/library.ts';

/** Where a price comes from: the list below, or the person. */
export type KnownPrice = { readonly price: Price; readonly from: 'list' | 'person' };

/** When the list was put together. Prices change: they are a help to begin with, and the provider's page is what counts. */
export const listedOn = 'June 2026';

/** US dollars for a million tokens, input and output, as listed for direct use without any discount. */
const listed: Readonly<Record<string, readonly [input: number, output: number]>> = {
  'gpt-4.1': [2, 8],
  'gpt-4.1-mini': [0.4, 1.6],
  'gpt-4.1-nano': [0.1, 0.4],
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'gpt-5': [1.25, 10],
  'gpt-5-mini': [0.25, 2],
  o3: [2, 8],
};

const place = 'prices';

/** The price of a model of this name, without its date or the name of a router before it: `openai/gpt-4o-2024-08-06`. */
function listPrice(model: string): Price | undefined {
  const name = model
    .trim()
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/-\d{4}-\d{2}-\d{2}$/, '');
  const found = Object.hasOwn(listed, name) ? listed[name] : undefined;
  return found && { inputUsd: found[0], outputUsd: found[1] };
}

/** Prices that the person gave, by provider and model. They come before the list. */
export class Prices {
  #own: Own = {};
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async load(): Promise<void> {
    const kept = await this.#settings.get(place);
    this.#own = isPrices(kept) ? kept : {};
  }

  /** `where`: the origin of the address; a price of a server of one's own is nobody else's. The list holds for OpenAI's own server only. */
  of(where: string, model: string): KnownPrice | undefined {
    const own = this.#own[nameOf(where, model)];
    if (own) return { price: own, from: 'person' };
    const price = where === 'https://api.openai.com' ? listPrice(model) : undefined;
    return price && { price, from: 'list' };
  }

  async remember(where: string, model: string, price: Price | undefined): Promise<void> {
    if (model.trim() === '') return;
    const name = nameOf(where, model);
    this.#own = withPrice(this.#own, name, price); // at once: it may be asked for before it is kept
    await this.load(); // another tab may have remembered one, or deleted all
    this.#own = withPrice(this.#own, name, price);
    await this.#settings.set(place, this.#own);
  }
}

type Own = Readonly<Record<string, Price>>;

function withPrice(own: Own, name: string, price: Price | undefined): Own {
  const { [name]: _, ...rest } = own;
  return price ? { ...rest, [name]: price } : rest;
}

const nameOf = (where: string, model: string): string => `${where} ${model.trim()}`;

const isPrices = (value: unknown): value is Own =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (price: unknown) =>
      typeof price === 'object' &&
      price !== null &&
      'inputUsd' in price &&
      'outputUsd' in price &&
      typeof price.inputUsd === 'number' &&
      typeof price.outputUsd === 'number',
  );
