import { describe, expect, it } from 'vitest';
import { cellAt, cellSizes, hasTexts, scrollTo, sizeFor, type CellSize } from '#ui/charts/cells.ts';
import { sameWords } from '#ui/run/cell-words.ts';

describe.each(Object.entries(cellSizes) as [string, CellSize][])('in a grid of %s cells', (_, size) => {
  const grid = { rows: 300, columns: 200, size };
  const middle = { x: size.left + size.width / 2, y: size.top + size.height / 2 };

  it('finds the cell under a place, as far as the window is scrolled', () => {
    expect(cellAt(grid, middle, { left: 0, top: 0 })).toEqual({ row: 0, column: 0 });
    const scrolled = { left: 7 * size.width, top: 90 * size.height };
    expect(cellAt(grid, middle, scrolled)).toEqual({ row: 90, column: 7 });
    expect(cellAt(grid, { x: 3, y: middle.y }, scrolled)).toBeUndefined();
    expect(cellAt({ rows: 1, columns: 1, size }, middle, scrolled)).toBeUndefined();
  });

  it('scrolls as little as needed to bring a cell into the window, and not at all for one that is there', () => {
    const view = { left: 100, top: 100, width: 400, height: 300 };
    for (const cell of [
      { row: 0, column: 0 },
      { row: 299, column: 199 },
      { row: 12, column: 15 },
    ]) {
      const { left, top } = scrollTo(cell, view, size);
      const [x, y] = [cell.column * size.width - left, cell.row * size.height - top];
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + size.width).toBeLessThanOrEqual(view.width - size.left);
      expect(y + size.height).toBeLessThanOrEqual(view.height - size.top);
    }
    expect(scrollTo({ row: 9, column: 9 }, view, size)).toEqual({ left: 100, top: 100 });
  });
});

it('cells are as wide as their number leaves room for, and always large enough to be hit', () => {
  for (const room of [0, 300, 350, 600, 700, 1100, 2000])
    for (const columns of [0, 1, 7, 46, 200])
      for (const rows of [1, 40, 300])
        for (const [isCoarse, least] of [
          [false, cellSizes.fine],
          [true, cellSizes.coarse],
        ] as const) {
          const size = sizeFor({ rows, columns }, room, isCoarse);
          expect(size.width).toBeGreaterThanOrEqual(least.width);
          expect(size.height).toBeGreaterThanOrEqual(least.height);
          // wider than the least only as long as all of them are in sight
          if (size.width > least.width) expect(size.left + columns * size.width).toBeLessThanOrEqual(room);
          if (hasTexts(size, columns, room)) expect(room - size.left - columns * size.width).toBeGreaterThan(100);
        }
  expect(Math.min(cellSizes.coarse.width, cellSizes.coarse.height)).toBeGreaterThanOrEqual(24);
  const few = sizeFor({ rows: 40, columns: 7 }, 1100, false);
  expect([few.width, few.height, hasTexts(few, 7, 1100)]).toEqual([40, 18, true]);
  // rows too low for a text: no room is kept for one
  const low = sizeFor({ rows: 300, columns: 30 }, 1100, false);
  expect([low.width, hasTexts(low, 10, 1100)]).toEqual([35, false]);
  const many = sizeFor({ rows: 300, columns: 200 }, 1100, false);
  expect([many.width, many.height, hasTexts(many, 200, 1100)]).toEqual([15, 13, false]);
});

it('a row that no prompt turned is only called the same by prompts that answered it', () => {
  expect([0, 1, 3].map(sameWords)).toEqual([
    'No prompt that is shown has an answer to it.',
    'Only one prompt that is shown has an answer to it.',
    'The same with all 3 prompts that are shown and have an answer to it.',
  ]);
});
