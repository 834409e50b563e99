import { readColours, watchTheme, type Colours } from './colours.ts';

/**
 * A grid of small marks on a canvas that is as large as its window on the grid, not as the grid: of 300 × 200 cells only those are drawn
 * that are seen. Own code, because an element for each cell, of ours or of a chart library, is felt with every scroll.
 */
type Mark = 'full' | 'cross' | 'ring' | 'dash' | 'dot' | 'none';
type Tone = 'good' | 'bad' | 'warn' | 'muted';
export type Look = { readonly mark: Mark; readonly tone: Tone };

type CellScene = {
  readonly rows: number;
  readonly columns: number;
  readonly lookAt: (row: number, column: number) => Look;
  /** What stands above a column and left of a row. */
  readonly columnName: (column: number) => string;
  readonly rowName: (row: number) => string;
  /** What the row says, right of its cells where there is room, and the title above these texts. */
  readonly rowText: (row: number) => string;
  readonly textTitle: string;
  readonly active: Cell | undefined;
  readonly size: CellSize;
};
/** What a grid shows, wherever it is shown. */
export type CellContents = Omit<CellScene, 'active' | 'size'>;
export type Cell = { readonly row: number; readonly column: number };
export type CellPlot = { show(scene: CellScene): void; destroy(): void };

/** Of one cell, and of the names left of all and above all, in CSS pixels. */
export type CellSize = { readonly width: number; readonly height: number; readonly left: number; readonly top: number };
/** From here on there is room for each name. */
const spacedRows = 18;
const spacedColumns = 22;
/** For a mouse, which finds small cells, and for a finger. */
export const cellSizes = {
  fine: { width: 15, height: 13, left: 40, top: 20 },
  coarse: { width: 24, height: 24, left: 40, top: 24 },
} as const satisfies Readonly<Record<string, CellSize>>;

/** The least that lets a row be recognized by its text. */
const textRoom = 150;
const widest = 40;
/** So many rows can be seen without much scrolling though each is named. */
const fewRows = 60;

/**
 * Few prompts get wide cells, few rows high ones, so that each has its name.
 * @param room of the grid, in CSS pixels
 */
export function sizeFor(
  { rows, columns }: Pick<CellScene, 'rows' | 'columns'>,
  room: number,
  isCoarse: boolean,
): CellSize {
  const small = isCoarse ? cellSizes.coarse : cellSizes.fine;
  const height = rows > fewRows ? small.height : Math.max(small.height, spacedRows);
  const forText = room > 4 * textRoom && height >= spacedRows ? 2 * textRoom : 0;
  const wide = Math.floor((room - small.left - forText) / Math.max(1, columns));
  return {
    ...small,
    width: Math.max(small.width, Math.min(widest, wide)),
    height,
  };
}

/** Whether there is room for the texts of the rows. */
export const hasTexts = ({ left, width, height }: CellSize, columns: number, room: number): boolean =>
  height >= spacedRows && room - left - columns * width >= textRoom;

/** The cell under a place of the window; undefined over the names and beyond the last cell. */
export function cellAt(
  { rows, columns, size }: Pick<CellScene, 'rows' | 'columns' | 'size'>,
  place: { readonly x: number; readonly y: number },
  scroll: { readonly left: number; readonly top: number },
): Cell | undefined {
  if (place.x < size.left || place.y < size.top) return undefined;
  const column = Math.floor((place.x - size.left + scroll.left) / size.width);
  const row = Math.floor((place.y - size.top + scroll.top) / size.height);
  return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : undefined;
}

/** By how much to scroll so that a cell is in the window. */
export function scrollTo(
  { row, column }: Cell,
  view: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  size: CellSize,
): { readonly left: number; readonly top: number } {
  const along = (from: number, length: number, start: number, room: number): number =>
    Math.min(from, Math.max(start, from + length - room));
  return {
    left: along(column * size.width, size.width, view.left, view.width - size.left),
    top: along(row * size.height, size.height, view.top, view.height - size.top),
  };
}

/** Draws into the canvas, which covers the window of `scroller`. Redraws by itself on scrolling, resizing and a change of colours. */
export function createCells(canvas: HTMLCanvasElement, scroller: HTMLElement, first: CellScene): CellPlot {
  let scene = first;
  let colours = readColours(scroller);
  let frame = 0;
  const draw = (): void => {
    frame = 0;
    paint(canvas, scroller, scene, colours);
  };
  const later = (): void => {
    frame ||= requestAnimationFrame(draw);
  };
  const unwatch = watchTheme(() => {
    colours = readColours(scroller);
    later();
  });
  const sizes = new ResizeObserver(later);
  sizes.observe(scroller);
  scroller.addEventListener('scroll', later, { passive: true });
  draw();
  return {
    show(next) {
      scene = next;
      later();
    },
    destroy() {
      cancelAnimationFrame(frame);
      unwatch();
      sizes.disconnect();
      scroller.removeEventListener('scroll', later);
    },
  };
}

function paint(canvas: HTMLCanvasElement, scroller: HTMLElement, scene: CellScene, colours: Colours): void {
  const { clientWidth: width, clientHeight: height, scrollLeft, scrollTop } = scroller;
  const scale = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.inlineSize = `${width}px`;
    canvas.style.blockSize = `${height}px`;
  }
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, width, height);
  const { left, top, width: cellWidth, height: cellHeight } = scene.size;
  const from = { row: Math.floor(scrollTop / cellHeight), column: Math.floor(scrollLeft / cellWidth) };
  const to = {
    row: Math.min(scene.rows, Math.ceil((scrollTop + height - top) / cellHeight)),
    column: Math.min(scene.columns, Math.ceil((scrollLeft + width - left) / cellWidth)),
  };
  const xOf = (column: number): number => left + column * cellWidth - scrollLeft;
  const yOf = (row: number): number => top + row * cellHeight - scrollTop;

  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width - left, height - top);
  ctx.clip();
  for (let row = from.row; row < to.row; row += 1)
    for (let column = from.column; column < to.column; column += 1)
      mark(ctx, scene.lookAt(row, column), xOf(column), yOf(row), scene.size, colours);
  if (scene.active) {
    ctx.strokeStyle = colours.accent;
    ctx.lineWidth = 2;
    ctx.strokeRect(xOf(scene.active.column), yOf(scene.active.row), cellWidth, cellHeight);
  }
  ctx.restore();

  ctx.font = `11px ${colours.font}`;
  ctx.textBaseline = 'middle';
  const each = { rows: cellHeight >= spacedRows, columns: cellWidth >= spacedColumns };
  names(ctx, from.column, to.column, each.columns, scene.active?.column, colours, (column) => {
    ctx.textAlign = 'center';
    const x = xOf(column) + cellWidth / 2;
    if (x > left) ctx.fillText(scene.columnName(column), x, top / 2);
  });
  const textAt = xOf(scene.columns) + textGap;
  const texts = hasTexts(scene.size, scene.columns, width);
  names(ctx, from.row, to.row, each.rows, scene.active?.row, colours, (row) => {
    const y = yOf(row) + cellHeight / 2;
    if (y <= top) return;
    ctx.textAlign = 'right';
    ctx.fillText(scene.rowName(row), left - 6, y);
    if (!texts) return;
    ctx.textAlign = 'left';
    ctx.fillText(fitting(ctx, scene.rowText(row), width - textAt - textGap), textAt, y);
  });
  if (!texts) return;
  ctx.fillStyle = colours.muted;
  ctx.textAlign = 'left';
  ctx.fillText(scene.textTitle, textAt, top / 2);
}

const textGap = 12;

/** As much of a text as the room holds. */
function fitting(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let [fits, short] = [0, text.length];
  while (short - fits > 1) {
    const middle = Math.floor((fits + short) / 2);
    if (ctx.measureText(`${text.slice(0, middle)}…`).width <= room) fits = middle;
    else short = middle;
  }
  return `${text.slice(0, fits).trimEnd()}…`;
}

/** All names, or every fifth and that of the active cell in place of its neighbours. */
function names(
  ctx: CanvasRenderingContext2D,
  from: number,
  to: number,
  all: boolean,
  active: number | undefined,
  colours: Colours,
  write: (index: number) => void,
): void {
  for (let index = from; index < to; index += 1) {
    const isActive = index === active;
    const isCovered = active !== undefined && Math.abs(index - active) < 2;
    if (!all && !isActive && (isCovered || (index % 5 !== 4 && index !== 0))) continue;
    ctx.fillStyle = isActive ? colours.accent : colours.muted;
    write(index);
  }
}

/** One mark in its cell. Told apart by shape; the colour only helps. */
function mark(
  ctx: CanvasRenderingContext2D,
  { mark: shape, tone }: Look,
  x: number,
  y: number,
  { width, height }: CellSize,
  colours: Colours,
): void {
  const [cx, cy] = [x + width / 2, y + height / 2];
  const reach = Math.min(width, height) * 0.27;
  ctx.fillStyle = ctx.strokeStyle = colours[tone];
  ctx.lineWidth = 1.75;
  if (shape === 'full') ctx.fillRect(x + 1, y + 1, width - 2, height - 2);
  else if (shape === 'dot') ctx.fillRect(cx - 1, cy - 1, 2, 2);
  else if (shape === 'none') return;
  else {
    ctx.beginPath();
    if (shape === 'cross') {
      ctx.moveTo(cx - reach, cy - reach);
      ctx.lineTo(cx + reach, cy + reach);
      ctx.moveTo(cx + reach, cy - reach);
      ctx.lineTo(cx - reach, cy + reach);
    } else if (shape === 'ring') ctx.arc(cx, cy, reach + 0.25, 0, 2 * Math.PI);
    else {
      ctx.moveTo(cx - reach, cy);
      ctx.lineTo(cx + reach, cy);
    }
    ctx.stroke();
  }
}
