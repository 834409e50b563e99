import { describe, expect, it } from 'vitest';
import type { Optimizer } from '#core/optimizer.ts';
import { contrastive } from '#optimizers/contrastive.ts';
import { copro } from '#optimizers/copro.ts';
import { gepa } from '#optimizers/gepa.ts';
import { miprov2 } from '#optimizers/miprov2.ts';
import { optimizers } from '#optimizers/index.ts';
import { pacer } from '#optimizers/pacer.ts';
import { promptwizard } from '#optimizers/promptwizard.ts';
import { simba } from '#optimizers/simba.ts';
import { format } from '#optimizers/pacer/written.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { createRandom } from '#lib/random.ts';
import { task } from '../support/builders.ts';
import { answered, driveByHand, fittingResultOf, makeWorld } from './by-hand.ts';
import { told } from './trails.ts';

const reading = { type: 'after', mark: 'Answer:' } as const;
const withReading = { ...task, reading };
/** Everything that the generator is told in a run. */
const allTold = (optimizer: Optimizer, over = task, values = {}): readonly string[] => {
  const world = makeWorld(optimizer, { values, context: { calls: 1200, task: over }, result: fittingResultOf });
  return told(driveByHand(world)).flat();
};
const alone = /must be written alone|no other words|nothing else may be written/;

describe('a task of whose answers only a part is read', () => {
  it.each(Object.values(optimizers))(
    'is put to the generator by $label without asking for a bare answer',
    (optimizer) => {
      for (const content of allTold(optimizer, withReading)) {
        // the answers shown are no words of the meta prompt
        const lines = content.split('\n').filter((line) => line.startsWith('- '));
        expect(lines.filter((line) => alone.test(line))).toEqual([]);
        expect(content).not.toMatch(/\{\{(?:and )?alone\}\}|\{\{nothing else\}\}/);
      }
    },
  );

  it.each([
    { optimizer: pacer, words: '\n- Say where the answer must stand, as said above.\n' },
    { optimizer: contrastive, words: '\n- Say where the answer must stand, as said above.\n' },
    { optimizer: copro, words: ', and what the answer is; say where it must stand.\n' },
    { optimizer: miprov2, words: ', and what the answer is; say where it must stand.\n' },
    { optimizer: promptwizard, words: ', and what the answer is; say where it must stand.\n' },
    { optimizer: gepa, words: '\n- Say how the answer must look, and where it must stand.\n' },
  ] as unknown as readonly { optimizer: Optimizer; words: string }[])(
    'has its place asked for by $optimizer.label',
    ({ optimizer, words }) => {
      expect(allTold(optimizer, withReading).some((content) => content.includes(words))).toBe(true);
    },
  );

  it('has no place asked for in a piece of an instruction, which is told of it all the same', () => {
    const asked = allTold(simba, withReading).filter((content) => content.includes('piece of advice'));
    expect(asked.length).toBeGreaterThan(0);
    for (const content of asked) {
      expect(content).toContain('The answer is read behind the last “Answer:”');
      expect(content).not.toContain('The instruction must ask for the answer in that place');
    }
  });

  it('is mended in its form without asking for no other words', () => {
    const requestOf = (over: typeof task): string | undefined => {
      const { context } = makeWorld(pacer, { context: { task: over } });
      const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
      const [parent] = context.seeds;
      if (!parent) throw new Error('no starting prompt');
      bench.book.record([parent], [context.train[0]?.id ?? ('' as never)], () => answered('unparsable', 1));
      const move = format.move({
        ...{ bench, parent, residents: [parent], round: 1, random: createRandom(1), metaPrompt: '{{request}}' },
        ...{ mostDemonstrations: 0, templates: [], composes: () => false },
      });
      return move && 'draft' in move ? move.draft.messages[0]?.content : undefined;
    };
    expect(requestOf(withReading)).toBe(
      'Now write one new instruction that makes the model answer in the right form, and in the right place.',
    );
    expect(requestOf(task)).toBe(
      'Now write one new instruction that makes the model answer in the right form, and in no other words.',
    );
  });
});

describe('a task whose whole answer counts', () => {
  const own = '\n- Say that the answer must be written alone, with no other words.\n';
  const other = ', and what the answer is; say that the answer must be written alone.\n';
  it.each([
    { optimizer: pacer, words: own },
    { optimizer: contrastive, words: own },
    { optimizer: copro, words: other },
    { optimizer: miprov2, words: other },
    { optimizer: promptwizard, words: other },
    { optimizer: gepa, words: '\n- Say how the answer must look, and that nothing else may be written.\n' },
  ] as unknown as readonly { optimizer: Optimizer; words: string }[])(
    'has it asked for alone, to the letter, by $optimizer.label',
    ({ optimizer, words }) => {
      expect(allTold(optimizer).some((content) => content.includes(words))).toBe(true);
    },
  );

  it('and a meta prompt from before the mark is sent as it stands', () => {
    const old = `Task: {{task}}${own}{{rules}}`;
    for (const over of [task, withReading])
      for (const content of allTold(contrastive, over, { metaPrompt: old })) expect(content).toContain(own);
  });
});
