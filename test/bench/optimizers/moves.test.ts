import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { movesTables, tallyMoves, withFresh } from './moves.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'moves-'));
});
afterEach(() => rm(folder, { recursive: true }));

const search = (fact: object): object => ({ event: { type: 'search', fact } });
const proposed = (id: string, operator: string): object =>
  search({ type: 'candidate-proposed', candidate: { id, origin: { operator } } });
const judged = (candidate: string, accepted: boolean): object =>
  search({ type: 'proposal-judged', round: 1, candidate, accepted });
const archive = (...residents: string[]): object => search({ type: 'archive-changed', round: 1, residents });
const asked = (candidate: string): object => ({ event: { type: 'example-evaluated', candidate } });
const begun = (version: number): object => ({ event: { type: 'run-started', spec: { optimizer: { version } } } });
const ended = { event: { type: 'run-ended' } };

async function kept(name: string, entries: readonly object[]): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'run.json'), JSON.stringify({ entries }));
}

describe('the tally of the ways to new prompts', () => {
  it('tells what was raced, kept and the best so far, of runs that have ended', async () => {
    await kept('pacer-larger_animal-small-bad-1-300', [
      ...[begun(10), proposed('a', 'edit'), proposed('b', 'edit'), proposed('c', 'demos')],
      ...[asked('a'), asked('a'), asked('b'), asked('c')],
      ...[judged('a', true), archive('a', 'x'), judged('b', true), archive('a', 'b'), judged('c', false), ended],
    ]);
    await kept('pacer-sum-small-bad-1-300', [begun(10), proposed('a', 'edit'), judged('a', true)]);
    const tallies = await tallyMoves(folder, () => true);
    expect(tallies).toEqual([
      {
        run: 'pacer-larger_animal-small-bad-1-300',
        version: 10,
        task: 'larger_animal',
        moves: [
          { operator: 'edit', raced: 2, kept: 2, best: 1, rows: 3 },
          { operator: 'demos', raced: 1, kept: 0, best: 0, rows: 1 },
        ],
      },
    ]);
    const newer = tallies.map((tally) => ({ ...tally, version: 11 }));
    // a run that was made again with the same version takes the place of the old one, and others stay
    expect(withFresh(tallies, tallies)).toEqual(tallies);
    expect(withFresh(tallies, newer)).toHaveLength(2);
    expect(movesTables(withFresh(tallies, newer))).toMatch(/^PACER 10, 1 runs[^]*\nPACER 11, 1 runs/);
    expect(movesTables(tallies)).toContain('| edit | 2 | 2 (100.0 %) | 1 (50.0 %) | 1.5 |');
  });
});
