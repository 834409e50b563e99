import type { CurvePoint, Curves, CurveSeries } from '#core/curves.ts';
import { count, number, percent } from '#ui/parts/format.ts';

const span = (point: CurvePoint, format: (value: number) => string): string =>
  `${format(point.lo)} to ${format(point.hi)}`;

export const nats = (value: number | undefined): string => number(value, 2);

/** One point of the curves as a sentence: what the chart says when one points at it or walks to it with the arrow keys. */
export function pointWords(point: CurvePoint, entropy: CurvePoint | undefined): string {
  const parts = [
    `${percent(point.y)} right (${span(point, percent)}, n\u00a0=\u00a0${number(point.n)})`,
    entropy && `${entropy.bounded ? 'at least ' : ''}${nats(entropy.y)} nats (${span(entropy, nats)})`,
    point.partial && 'asked about a part of the examples only',
  ];
  return parts.filter(Boolean).join(' · ');
}

export const placeWords = (point: CurvePoint): string =>
  `Round ${number(point.round)}, after ${count(point.calls, 'call')}`;

/** What a plot shows, for someone who does not see it. */
export function plotWords(
  title: string,
  { axis, best }: Curves,
  series: CurveSeries,
  format: (value: number) => string,
): string {
  const { points, baseline } = series;
  const leader = points.find(({ id }) => id === best);
  const rounds = new Set(points.map(({ round }) => round)).size;
  return [
    `${title} by ${axis === 'rounds' ? 'round' : 'calls used'}: ${count(points.length, 'prompt')} in ${count(rounds, 'round')}.`,
    baseline !== undefined && `Baseline: ${format(baseline)}.`,
    leader && `Best so far: ${format(leader.y)}, 95 % interval ${span(leader, format)}, in round ${leader.round}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Limits of an axis that hold these points and their intervals, on round numbers so that it seldom moves while a run goes on. */
export function limits(
  { points, baseline }: CurveSeries,
  step: number,
  floor: number,
  ceiling = Infinity,
): { readonly min: number; readonly max: number } {
  const values = [...points.flatMap(({ lo, hi }) => [lo, hi]), ...(baseline === undefined ? [] : [baseline])];
  if (values.length === 0) return { min: floor, max: Math.min(ceiling, floor + 1) };
  const low = Math.max(floor, Math.floor(Math.min(...values) / step + 1e-9) * step);
  const high = Math.min(ceiling, Math.ceil(Math.max(...values) / step - 1e-9) * step);
  return { min: low, max: Math.max(high, low + 2 * step) };
}
