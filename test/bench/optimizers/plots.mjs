// @ts-check
// The plots of the README: SVG files that follow the reader's light or dark page.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isIdea, accuracyOf, groupsOf } from './compare.mjs';
import { points } from './figures.mjs';

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

const style = `
  text { font: 13px system-ui, sans-serif; fill: #333 }
  .small { font-size: 11px; fill: #666 }
  .title { font-size: 15px; font-weight: 600 }
  .axis { stroke: #ccc } .zero { stroke: #888 }
  .mark { fill: #5b6b8c; stroke: #5b6b8c } .own { fill: #c2410c; stroke: #c2410c } text.own { stroke: none }
  .faint { opacity: .45 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .small { fill: #aaa } .axis { stroke: #444 } .zero { stroke: #999 }
    .mark { fill: #9db0d8; stroke: #9db0d8 } .own { fill: #fb923c; stroke: #fb923c }
  }`;

const escaped = (/** @type {unknown} */ text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const label = (
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {unknown} */ text,
  kind = '',
  anchor = 'start',
) => `<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${escaped(text)}</text>`;
const line = (
  /** @type {number} */ x1,
  /** @type {number} */ y1,
  /** @type {number} */ x2,
  /** @type {number} */ y2,
  kind = 'axis',
  width = 1,
) =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}" stroke-width="${width}"/>`;
const dot = (/** @type {number} */ x, /** @type {number} */ y, kind = 'mark', radius = 4, title = '') =>
  `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" class="${kind}">${title === '' ? '' : `<title>${escaped(title)}</title>`}</circle>`;
const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

const left = 340;
const width = 900;
const right = width - 60;
const rowHeight = 24;
const top = 64;

/** A plot with one row for each method. @param {string} title @param {string} below @param {number} rows @param {readonly string[]} body */
const picture = (title, below, rows, body) => {
  const height = top + rows * rowHeight + 44;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    label(12, 26, title, 'title'),
    ...body,
    label((left + right) / 2, height - 10, below, 'small', 'middle'),
    '</svg>\n',
  ].join('\n');
};

/** Positions from `lo` to `hi`, with the ticks of an axis. @param {number} lo @param {number} hi @param {number} step @param {number} rows */
function axis(lo, hi, step, rows) {
  const at = (/** @type {number} */ value) => left + ((value - lo) / (hi - lo)) * (right - left);
  const bottom = top + rows * rowHeight;
  const ticks = [];
  for (let tick = Math.ceil(lo / step) * step; tick <= hi + 1e-9; tick += step)
    ticks.push(
      line(at(tick), top - 8, at(tick), bottom),
      label(at(tick), bottom + 16, String(Math.round(tick * 100)).replace('-', '−'), 'small', 'middle'),
    );
  return { at, ticks, bottom };
}

const stepOf = (/** @type {number} */ span) => (span > 0.8 ? 0.2 : span > 0.3 ? 0.1 : 0.05);

/** Test accuracy of each method: every task a faint dot, the mean a full one. @param {import('./compare.mjs').Group} group */
export function accuracyPlot({ lines, results, budget, ours }) {
  const { at, ticks } = axis(0, 1, 0.2, lines.length);
  const all = Math.max(...lines.map(({ cells }) => cells));
  const rows = lines.flatMap(({ method, title, accuracy, cells }, place) => {
    const y = top + place * rowHeight + 8;
    const kind = method === ours ? 'own' : 'mark';
    const own = results.filter((result) => result.method === method);
    // a mean over other runs is not to be held against that of all
    const name = cells < all ? `${title} (${cells} of ${all} runs)` : title;
    return [
      label(left - 12, y + 4, name, method === ours ? 'own' : '', 'end'),
      ...own.map((result) =>
        dot(
          at(accuracyOf(result)),
          y,
          `${kind} faint`,
          3,
          `${result.task}, seed ${result.seed}: ${(100 * accuracyOf(result)).toFixed(1)} %`,
        ),
      ),
      dot(at(accuracy), y, kind, 6, `mean over tasks: ${(100 * accuracy).toFixed(1)} %`),
      label(right + 12, y + 4, (100 * accuracy).toFixed(1)),
    ];
  });
  return picture(
    `Accuracy on rows that no method has seen, ${budget} evaluation calls`,
    'per cent right: single runs small, mean over tasks large; in the order of the paired differences',
    lines.length,
    [...ticks, ...rows],
  );
}

/** Ours minus each method, with its interval. @param {import('./compare.mjs').Group} group */
export function differencePlot({ lines, budget, ours }) {
  const title = lines.find(({ method }) => method === ours)?.title ?? ours;
  // a single task has no interval, and is no comparison of methods
  const others = lines.flatMap((line) =>
    line.ours && Number.isFinite(line.ours.lo) ? [{ ...line, ours: line.ours }] : [],
  );
  const lo = Math.min(-0.05, ...others.map((other) => other.ours.lo));
  const hi = Math.max(0.05, ...others.map((other) => other.ours.hi));
  const { at, ticks, bottom } = axis(lo, hi, stepOf(hi - lo), others.length);
  const rows = others.flatMap((other, place) => {
    const y = top + place * rowHeight + 8;
    const { value, lo, hi } = other.ours;
    const kind = lo > 0 ? 'own' : 'mark';
    return [
      label(left - 12, y + 4, other.title, '', 'end'),
      line(at(lo), y, at(hi), y, kind, 3),
      dot(
        at(value),
        y,
        kind,
        5,
        `${(100 * value).toFixed(1)} points, ${(100 * lo).toFixed(1)} to ${(100 * hi).toFixed(1)}`,
      ),
      label(right + 12, y + 4, points(value)),
    ];
  });
  return picture(
    `${title} minus the method, ${budget} evaluation calls`,
    'points of accuracy, mean over tasks with a 95 % interval; right of the line: ours is ahead',
    others.length,
    [...ticks, line(at(0), top - 8, at(0), bottom, 'zero', 1.5), ...rows],
  );
}

/** What a method says of its prompt, against what the prompt does. @param {import('./compare.mjs').Group} group */
export function optimismPlot({ lines, budget, ours }) {
  const told = lines.flatMap((line) => (line.optimism === undefined ? [] : [{ ...line, optimism: line.optimism }]));
  const lo = Math.min(-0.05, ...told.map(({ optimism }) => optimism));
  const hi = Math.max(0.05, ...told.map(({ optimism }) => optimism));
  const { at, ticks, bottom } = axis(lo, hi, stepOf(hi - lo), told.length);
  const rows = told.flatMap(({ title, method, optimism }, place) => {
    const y = top + place * rowHeight + 8;
    const kind = method === ours ? 'own' : 'mark';
    return [
      label(left - 12, y + 4, title, method === ours ? 'own' : '', 'end'),
      line(at(0), y, at(optimism), y, kind, 3),
      dot(at(optimism), y, kind, 5),
      label(right + 12, y + 4, points(optimism)),
    ];
  });
  return picture(
    `Own score minus test accuracy, ${budget} evaluation calls`,
    'points; right of the line: the method promises more than its prompt holds',
    told.length,
    [...ticks, line(at(0), top - 8, at(0), bottom, 'zero', 1.5), ...rows],
  );
}

/**
 * Writes the plots of the groups that have the most runs of each budget.
 * @param {readonly import('./results.mjs').Result[]} results
 * @param {string} [ours]
 * @param {string} [into]  folder
 * @returns {Promise<string[]>} the files
 */
export async function drawPlots(results, ours, into = folder) {
  await mkdir(into, { recursive: true });
  /** @type {Map<number, import('./compare.mjs').Group>} */
  const largest = new Map();
  const taking = results.filter(({ method }) => !isIdea(method));
  for (const group of groupsOf(taking, ours))
    if (group.results.length > (largest.get(group.budget)?.results.length ?? 0)) largest.set(group.budget, group);
  const files = [];
  for (const [budget, group] of largest)
    for (const [name, plot] of Object.entries({
      accuracy: accuracyPlot,
      difference: differencePlot,
      optimism: optimismPlot,
    })) {
      const file = join(into, `optimizers-${name}-${budget}.svg`);
      await writeFile(file, plot(group));
      files.push(file);
    }
  return files;
}
