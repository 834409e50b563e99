import type { Chart, ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import type { CurvePoint, CurveSeries } from '#core/curves.ts';
import { readColours, watchTheme, type Colours } from './colours.ts';

type PlotPoint = Pick<CurvePoint, 'id' | 'x' | 'y' | 'lo' | 'hi' | 'partial' | 'bounded'>;

/** What one plot shows. */
export type Scene = {
  readonly series: Omit<CurveSeries, 'points'> & { readonly points: readonly PlotPoint[] };
  /** A line from corner to corner: where the points would lie if both axes said the same. */
  readonly diagonal?: boolean;
  readonly x: { readonly min: number; readonly max: number; readonly title: string };
  readonly y: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly format: (value: number) => string;
  };
  /** Id of the best point. */
  readonly best: string | undefined;
  /** Id of the point that is looked at. */
  readonly active: string | undefined;
};
export type Plot = {
  show(scene: Scene): void;
  /** The point nearest to a place in the window. */
  nearest(clientX: number, clientY: number): PlotPoint | undefined;
  destroy(): void;
};

type Dot = { x: number; y: number; lo: number; hi: number };
type Line = ChartDataset<'line', { x: number; y: number }[]>;

let loading: Promise<typeof Chart> | undefined;
/** Fetched when the first chart is wanted, with the few pieces that are used. */
const load = (): Promise<typeof Chart> =>
  (loading ??= import('chart.js').then(({ Chart, LineController, LineElement, LinearScale, PointElement }) => {
    Chart.register(LineController, LineElement, LinearScale, PointElement);
    return Chart;
  }));

/** Intervals under the points, and the mark of the point that is looked at over them. */
function marks(now: () => { scene: Scene; colours: Colours }): Plugin<'line'> {
  return {
    id: 'marks',
    beforeDatasetsDraw(chart) {
      const { scene, colours } = now();
      const { ctx, scales, chartArea: area } = chart;
      const { x, y } = scales;
      if (!x || !y) return;
      const crowded = scene.series.points.length > 60;
      const active = scene.series.points.find(({ id }) => id === scene.active);
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      if (active) {
        ctx.strokeStyle = colours.muted;
        ctx.lineWidth = 1;
        stroke(ctx, [x.getPixelForValue(active.x), area.top, x.getPixelForValue(active.x), area.bottom]);
      }
      for (const point of scene.series.points) {
        const at = x.getPixelForValue(point.x);
        const [top, bottom] = [y.getPixelForValue(point.hi), y.getPixelForValue(point.lo)];
        const cap = crowded ? 0 : 3;
        ctx.strokeStyle = point === active ? colours.ink : colours.muted;
        ctx.globalAlpha = point === active ? 1 : (crowded ? 0.3 : 0.5) * (point.partial ? 0.5 : 1);
        ctx.lineWidth = point === active ? 1.75 : 1.25;
        stroke(ctx, [at, top, at, bottom]);
        if (cap > 0) stroke(ctx, [at - cap, top, at + cap, top], [at - cap, bottom, at + cap, bottom]);
      }
      ctx.restore();
    },
    afterDatasetsDraw(chart) {
      const { scene, colours } = now();
      const active = scene.series.points.find(({ id }) => id === scene.active);
      const { x, y } = chart.scales;
      if (!active || !x || !y) return;
      const { ctx } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.arc(x.getPixelForValue(active.x), y.getPixelForValue(active.y), 6, 0, 2 * Math.PI);
      ctx.fillStyle = colours.surface;
      ctx.strokeStyle = colours.accent;
      ctx.lineWidth = 2.5;
      ctx.fill();
      ctx.stroke();
      ctx.restore();
    },
  };
}

function stroke(ctx: CanvasRenderingContext2D, ...lines: [number, number, number, number][]): void {
  ctx.beginPath();
  for (const [fromX, fromY, toX, toY] of lines) {
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
  }
  ctx.stroke();
}

/** Drawn from the last to the first: points over the best so far over the baseline. */
function datasets({ series, x, y, best, diagonal }: Scene, colours: Colours): Line[] {
  const radius = series.points.length > 60 ? 2.25 : 3.5;
  const whole = series.points.filter(({ partial }) => !partial);
  const parts = series.points.filter(({ partial }) => partial);
  const { baseline } = series;
  const level = (left: number, right: number): Line['data'] => [
    { x: x.min, y: left },
    { x: x.max, y: right },
  ];
  return [
    {
      data: whole.map((point): Dot => ({ ...point })),
      showLine: false,
      pointRadius: whole.map(({ id, bounded }) => radius + (bounded ? 1.25 : 0) + (id === best ? 1.5 : 0)),
      pointStyle: whole.map(({ bounded }) => (bounded ? 'triangle' : 'circle')),
      backgroundColor: whole.map(({ id }) => (id === best ? colours.accent : colours.muted)),
      borderColor: colours.surface,
      pointBorderWidth: 1,
    },
    {
      // fainter: open, smaller and thin, but for the one that leads
      data: parts.map((point): Dot => ({ ...point })),
      showLine: false,
      pointRadius: parts.map(({ id }) => radius + (id === best ? 1.5 : -0.5)),
      backgroundColor: colours.surface,
      borderColor: parts.map(({ id }) => (id === best ? colours.accent : colours.muted)),
      pointBorderWidth: parts.map(({ id }) => (id === best ? 2.5 : 1.25)),
    },
    {
      // an unknown value breaks the line: the library knows that only as NaN
      data: series.best.map((step) => ({ x: step.x, y: step.y ?? Number.NaN })),
      stepped: true,
      pointRadius: series.best.length === 1 ? 3 : 0,
      borderColor: colours.accent,
      backgroundColor: colours.accent,
      borderWidth: 2.5,
      borderJoinStyle: 'round',
    },
    {
      data: diagonal ? level(y.min, y.max) : baseline === undefined ? [] : level(baseline, baseline),
      pointRadius: 0,
      borderColor: colours.muted,
      borderWidth: 1.5,
      borderDash: [5, 4],
    },
  ];
}

function optionsOf({ x, y }: Scene, colours: Colours): NonNullable<ChartConfiguration<'line'>['options']> {
  const font = { family: colours.font, size: 12 };
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    events: [], // pointer and keyboard are handled by the component, for both plots at once
    clip: 8, // a point at 0 or 100 % is drawn whole
    layout: { padding: { top: 8, right: 8 } },
    scales: {
      x: {
        type: 'linear',
        min: x.min,
        max: x.max,
        grid: { display: false },
        border: { color: colours.line },
        ticks: { color: colours.muted, font, precision: 0, includeBounds: false, maxRotation: 0, autoSkipPadding: 24 },
        title: { display: x.title !== '', text: x.title, color: colours.muted, font },
      },
      y: {
        type: 'linear',
        min: y.min,
        max: y.max,
        grid: { color: colours.line, drawTicks: false },
        border: { display: false },
        ticks: {
          color: colours.muted,
          font,
          padding: 8,
          stepSize: y.step,
          callback: (value) => y.format(Number(value)),
        },
        // the same width in every plot, so that plots under each other share their x axis
        afterFit: (scale) => {
          scale.width = 52;
        },
      },
    },
  };
}

/** A plot on this canvas. Redraws by itself when the theme or the size changes; never animates. */
export async function createPlot(canvas: HTMLCanvasElement, first: Scene): Promise<Plot> {
  const Chart = await load();
  let scene = first;
  const host = canvas.parentElement ?? document.body;
  let colours = readColours(host);
  const chart = new Chart<'line', { x: number; y: number }[]>(canvas, {
    type: 'line',
    data: { datasets: datasets(scene, colours) },
    options: optionsOf(scene, colours),
    plugins: [marks(() => ({ scene, colours }))],
  });
  const draw = (): void => {
    chart.data.datasets = datasets(scene, colours);
    chart.options = optionsOf(scene, colours);
    chart.update('none');
  };
  const unwatch = watchTheme(() => {
    colours = readColours(host);
    draw();
  });
  return {
    show(next) {
      const onlyMark = next.series === scene.series && next.x === scene.x && next.y === scene.y;
      scene = next;
      if (onlyMark) chart.draw();
      else draw();
    },
    nearest(clientX, clientY) {
      const { x, y } = chart.scales;
      const box = canvas.getBoundingClientRect();
      if (!x || !y) return undefined;
      // across first: one reads a curve from left to right; the height only decides between points above each other
      const distance = (point: PlotPoint): number =>
        Math.abs(x.getPixelForValue(point.x) - (clientX - box.left)) * 1000 +
        Math.abs(y.getPixelForValue(point.y) - (clientY - box.top));
      return scene.series.points.reduce<PlotPoint | undefined>(
        (best, point) => (best === undefined || distance(point) < distance(best) ? point : best),
        undefined,
      );
    },
    destroy() {
      unwatch();
      chart.destroy();
    },
  };
}
