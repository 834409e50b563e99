import { describe, expect, it } from 'vitest';
import { draftsTables, type DraftLine } from './drafts-table.mjs';

const answers = (right: string): DraftLine['parent'] => ({ right, probability: Array.from(right, Number) });
/** Four train rows and four others. */
const line = (method: string, task: string, child: string | undefined, over: Partial<DraftLine> = {}): DraftLine => ({
  ...{ method, task, seed: 1, budget: 0, model: 'small', generator: 'small', start: 'bad' },
  ...{ trainRows: 4, shown: [0, 1, 2], parent: answers('00111100') },
  ...(child === undefined ? {} : { child: answers(child) }),
  ...over,
});
const cellsOf = (text: string, start: string): readonly string[] =>
  (text.split('\n').find((row) => row.startsWith(`| ${start} |`)) ?? '').split(' | ');

describe('the tables of the drafts', () => {
  const lines = [
    line('reflect', 'sum', '11111110'),
    line('reflect', 'animals', '00111000'),
    line('reflect of PACER 13', 'sum', undefined),
    line('reflect of PACER 13', 'animals', '00111100'),
  ];
  it('tell what came of each way on rows that the generator was not shown; of a worse prompt nothing is lost', () => {
    const row = cellsOf(draftsTables(lines), 'reflect');
    // two drafts, both usable: 50 % before, 75 % and 25 % after
    expect(row.slice(1).join(' ')).toBe('2 2 50.0 50.0 1 12.5 |');
    expect(cellsOf(draftsTables(lines), 'reflect of PACER 13').slice(1).join(' ')).toBe('2 1 50.0 50.0 0 0.0 |');
  });
  it('compare ways on the same scenes, task by task', () => {
    const row = cellsOf(draftsTables(lines), 'reflect | reflect of PACER 13');
    expect(row.slice(2, 5)).toEqual(['2', '2', '1']);
    expect(row.at(-1)).toMatch(/^\+12\.5 \[/);
    // another scene of one of the two alone changes nothing
    const more = [...lines, line('reflect', 'sum', '00000000', { seed: 2 })];
    expect(cellsOf(draftsTables(more), 'reflect | reflect of PACER 13')).toEqual(row);
  });
  it('let better and worse prompts pass by the rows that are looked at', () => {
    const shown = cellsOf(draftsTables(lines), 'shown');
    // the better one leads on two of the three shown rows, the worse one on none
    expect(shown.slice(1, 3)).toEqual(['100.0', '0.0']);
  });
  it('count what was asked again once, as it came last', () => {
    const again = [...lines, line('reflect', 'sum', '11111111')];
    expect(cellsOf(draftsTables(again), 'reflect').slice(1).join(' ')).toBe('2 2 50.0 62.5 1 25.0 |');
  });
  it('say so where there is none', () => {
    expect(draftsTables([])).toBe('No draft was asked for yet.\n');
  });
});
