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

/**
 * Limits of an axis that hold these points and their intervals: whole steps, so that it seldom moves while a run goes on.
 * @param ceiling what no value can exceed, a multiple of each step; the axis ends there at the latest.
 */
export function limits(
  { points, baseline }: { readonly points: readonly Pick<CurvePoint, 'lo' | 'hi'>[]; readonly baseline?: number },
  steps: readonly number[],
  ceiling = Infinity,
): { readonly min: number; readonly max: number; readonly step: number } {
  const values = [...points.flatMap(({ lo, hi }) => [lo, hi]), ...(baseline === undefined ? [] : [baseline])];
  const low = Math.max(0, Math.min(...values, ceiling));
  const high = Math.min(ceiling, Math.max(...values, low));
  const last = steps.at(-1) ?? 1;
  const step = steps.find((size) => Math.ceil(high / size - 1e-9) - Math.floor(low / size + 1e-9) <= 5) ?? last;
  const floor = Math.floor(low / step + 1e-9) * step;
  const max = Math.min(ceiling, Math.max(Math.ceil(high / step - 1e-9) * step, floor + step));
  return { min: Math.min(floor, max - step), max, step };
}
