import { expect, it } from 'vitest';
import { cellAt, cellSize, scrollTo } from '#ui/charts/cells.ts';

const size = { rows: 300, columns: 200 };
const middle = { x: cellSize.left + cellSize.width / 2, y: cellSize.top + cellSize.height / 2 };

it('finds the cell under a place, as far as the window is scrolled', () => {
  expect(cellAt(size, middle, { left: 0, top: 0 })).toEqual({ row: 0, column: 0 });
  const scrolled = { left: 7 * cellSize.width, top: 90 * cellSize.height };
  expect(cellAt(size, middle, scrolled)).toEqual({ row: 90, column: 7 });
  expect(cellAt(size, { x: 3, y: middle.y }, scrolled)).toBeUndefined();
  expect(cellAt({ rows: 1, columns: 1 }, middle, scrolled)).toBeUndefined();
});

it('scrolls as little as needed to bring a cell into the window, and not at all for one that is there', () => {
  const view = { left: 100, top: 100, width: 400, height: 300 };
  for (const cell of [
    { row: 0, column: 0 },
    { row: 299, column: 199 },
    { row: 12, column: 15 },
  ]) {
    const { left, top } = scrollTo(cell, view);
    const [x, y] = [cell.column * cellSize.width - left, cell.row * cellSize.height - top];
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + cellSize.width).toBeLessThanOrEqual(view.width - cellSize.left);
    expect(y + cellSize.height).toBeLessThanOrEqual(view.height - cellSize.top);
  }
  expect(scrollTo({ row: 12, column: 15 }, view)).toEqual({ left: 100, top: 100 });
});
