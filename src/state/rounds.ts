import type { FieldValue } from '#core/fields.ts';

/** The options of an optimizer that plans its rounds, under a ceiling of rounds: what it will do, which is never more than either. */
export function withRounds(
  values: Readonly<Record<string, FieldValue>>,
  most: number | undefined,
): Readonly<Record<string, FieldValue>> {
  const { rounds } = values;
  return most !== undefined && most >= 1 && typeof rounds === 'number' && rounds > most
    ? { ...values, rounds: most }
    : values;
}
