/**
 * P values of several tests, made larger so that taking those up to 5 % is wrong anywhere in at most 5 % of the cases, whatever the
 * tests have to do with each other. In the order given. S. Holm, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const out = [...pValues];
  let largest = 0;
  for (const [rank, place] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[place] ?? 1)));
    out[place] = largest;
  }
  return out;
}
