import { describe, expect, it } from 'vitest';
import { candidateId, type ExampleId } from '#core/id.ts';
import type { GenerateJob } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { GridWorld, kinShareOf, unlike, type Grid } from './grid-world.ts';

/** Prompt 0 and 1 begin, 2 is a template; from 3 on each of twelve written ones gets a row more right than the one before. */
const prompts: Grid['prompts'] = Array.from({ length: 15 }, (_, place) => ({
  kind: place < 2 ? 'start' : place === 2 ? 'template' : 'written',
  parents: place > 3 ? [place - 1] : [],
  right: Array.from({ length: 20 }, (_, row) => (row < place ? '1' : '0')).join(''),
  crossEntropy: Array.from({ length: 20 }, (_, row) => [0.5, -9, null][row % 3] ?? null),
}));
const grid: Grid = { id: 'made up', rows: 20, prompts, withTemplates: false };
const parts = { train: 8, validation: 4, test: 6 };
const candidate = (prompt: string): Candidate => ({ id: candidateId(prompt), prompt, origin: { type: 'start' } });
const asked = (content: string): GenerateJob =>
  ({
    messages: [{ role: 'user', content: `${content} Write it between <prompt> and </prompt>.` }],
  }) as unknown as GenerateJob;
const promptIn = (text: string): string => /<prompt>(.*)<\/prompt>/.exec(text)?.[1] ?? '';

describe('a world of kept answers', () => {
  it('answers each row as the model did, whichever rows are drawn', () => {
    for (const seed of [1, 2, 3]) {
      const world = new GridWorld(grid, seed, parts);
      const first = candidate(world.seeds[1] ?? '');
      for (const { id } of world.examples) {
        const row = Number(id.replace('row ', ''));
        expect(world.result(first, id)).toMatchObject({
          outcome: row < 1 ? 'right' : 'wrong',
          crossEntropy: [
            { type: 'scored', value: 0.5, bound: 'exact' },
            { type: 'scored', value: 9, bound: 'at-least' },
            { type: 'unscored' },
          ][row % 3],
        });
      }
    }
  });

  it('counts a prompt on rows that no search is given', () => {
    const world = new GridWorld(grid, 4, parts);
    const kept = world.examples.slice(parts.train + parts.validation);
    expect(kept).toHaveLength(parts.test);
    const prompt = candidate(world.seeds[0] ?? '');
    const right = (id: ExampleId): boolean => {
      const result = world.result(prompt, id);
      return result.type === 'answered' && result.outcome === 'right';
    };
    expect(world.truth(prompt)).toBe(kept.filter(({ id }) => right(id)).length / parts.test);
  });

  it('writes each prompt once, as long as there is a new one, and the same ones for the same seed', () => {
    const written = (): string[] => {
      const world = new GridWorld(grid, 5, parts);
      return Array.from({ length: 13 }, () =>
        promptIn(world.write(asked(`Here is one: ${world.seeds[1] ?? ''}`)).text),
      );
    };
    const all = written();
    expect(new Set(all.slice(0, 12)).size).toBe(12);
    // nothing new is left: what is known comes again
    expect(all[12]).toMatch(/zq/);
    expect(all.every((text) => text.includes('zq'))).toBe(true);
    expect(written()).toEqual(all);
  });

  it('begins with the templates where that is wanted', () => {
    expect(new GridWorld(grid, 1, parts).seeds).toHaveLength(2);
    expect(new GridWorld({ ...grid, withTemplates: true }, 1, parts).seeds).toHaveLength(3);
  });

  it('refuses more rows than were asked about', () => {
    expect(() => new GridWorld(grid, 1, { ...parts, test: 9 })).toThrow('The grid made up has 20 rows, not 21.');
  });

  it('draws kin as often as children were like their parents', () => {
    expect(unlike(grid, 3, 5)).toBe(0.1);
    // its children are the nearest that there are, with four more behind each
    expect(kinShareOf(grid)).toBe(1);
    // no child is known: anyone
    expect(kinShareOf({ ...grid, prompts: prompts.map((prompt) => ({ ...prompt, parents: [] })) })).toBe(0);
    const far = prompts.map((prompt, place) => ({ ...prompt, parents: place === 14 ? [3] : [] }));
    expect(kinShareOf({ ...grid, prompts: far })).toBe(0);
  });
});
