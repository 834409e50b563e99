// @ts-check
// How shares are written in the tables and plots: 0.878 as "87.8", a difference of them in points, "+5.3" or "−0.2".

export const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
export const points = (/** @type {number} */ share) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;

/** A difference with its interval, where it has one. @param {import('./compare.mjs').Interval} interval */
export const pointsWithin = ({ value, lo, hi }) =>
  Number.isFinite(lo) ? `${points(value)} [${points(lo)}, ${points(hi)}]` : points(value);
