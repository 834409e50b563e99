/** Options as data: the form, the validation, the stored spec and the export follow from these without more code. */
export type Field = {
  readonly label: string;
  readonly help?: string;
  /** Shown under "More options". */
  readonly advanced?: true;
} & (
  | {
      readonly type: 'number';
      readonly min: number;
      readonly max: number;
      readonly step?: number;
      readonly default: number;
    }
  | {
      readonly type: 'choice';
      readonly choices: readonly { readonly value: string; readonly label: string }[];
      readonly default: string;
    }
  | { readonly type: 'flag'; readonly default: boolean }
  | { readonly type: 'text' | 'long-text' | 'url' | 'model'; readonly default: string; readonly placeholder?: string }
  /** Never stored, journaled, hashed, logged or exported. */
  | { readonly type: 'secret'; readonly default: ''; readonly placeholder?: string }
);

export type Fields = Readonly<Record<string, Field>>;
export type FieldValue = string | number | boolean;
export type Values<F extends Fields = Fields> = {
  readonly [K in keyof F]: F[K] extends { type: 'number' } ? number : F[K] extends { type: 'flag' } ? boolean : string;
};

export function defaultsOf<F extends Fields>(fields: F): Values<F> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.default])) as Values<F>;
}

/** Names of the fields that hold secrets. */
export const secretsOf = (fields: Fields): readonly string[] =>
  Object.entries(fields).flatMap(([name, field]) => (field.type === 'secret' ? [name] : []));

/** The same values without any secret: the only form that may be stored, journaled or exported. */
export function withoutSecrets(
  fields: Fields,
  values: Readonly<Record<string, FieldValue>>,
): Readonly<Record<string, FieldValue>> {
  const secrets = secretsOf(fields);
  return Object.fromEntries(Object.entries(values).filter(([name]) => !secrets.includes(name)));
}

/** What is wrong with one value, as a sentence; undefined when it can be used. */
export function fieldProblem(field: Field, value: unknown): string | undefined {
  switch (field.type) {
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return `${field.label}: a number is wanted.`;
      if (value < field.min || value > field.max)
        return `${field.label}: between ${field.min} and ${field.max}, not ${value}.`;
      // a whole step is the step of a control; any whole number between two steps is fine, half a round is not
      if (field.step !== undefined && Number.isInteger(field.step) && !Number.isInteger(value))
        return `${field.label}: a whole number is wanted, not ${value}.`;
      return undefined;
    case 'choice':
      if (!field.choices.some((choice) => choice.value === value))
        return `${field.label}: one of ${field.choices.map((choice) => choice.value).join(', ')}.`;
      return undefined;
    case 'flag':
      return typeof value === 'boolean' ? undefined : `${field.label}: yes or no.`;
    case 'url':
      return urlProblem(field, value);
    case 'secret':
      if (typeof value !== 'string') return `${field.label}: a text is wanted.`;
      return isSendable(plainSecret(value))
        ? undefined
        : `${field.label}: it holds a character that no key has, such as ${oddInKeys}. Copy it again, whole and by itself.`;
    case 'model':
      return typeof value === 'string' && value.trim() !== '' ? undefined : `${field.label}: choose or type a model.`;
    default:
      return typeof value === 'string' ? undefined : `${field.label}: a text is wanted.`;
  }
}

/** What gets into a key on its way through a chat, a text program or a shortened display. */
export const oddInKeys = 'a curly quote, an ellipsis, or one that cannot be seen';

/** The key without what was copied along and cannot be seen: space, and marks of no width. */
export const plainSecret = (typed: string): string => typed.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '');

/** Whether a key can stand in the header of a request. */
export const isSendable = (key: string): boolean => /^[\x20-\x7e]*$/.test(key);

/** An address is stored and exported, so nothing secret may stand in it; browsers refuse to ask such addresses anyway. */
function urlProblem({ label }: Field, value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value) || !/^https?:/i.test(value))
    return `${label}: an address that starts with http:// or https:// is wanted.`;
  const { username, password } = new URL(value);
  return username + password === '' ? undefined : `${label}: leave the name and the password out of the address.`;
}

/** The given values over the defaults, and every problem with them. */
export function checkValues<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
): { readonly values: Values<F>; readonly problems: readonly string[] } {
  const values = {
    ...defaultsOf(fields),
    ...Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(fields, name))),
  };
  const problems = Object.entries(fields).flatMap(
    ([name, field]) => fieldProblem(field, values[name as keyof F]) ?? [],
  );
  return { values: values, problems };
}
