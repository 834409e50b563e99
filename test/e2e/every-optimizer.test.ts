import { expect, it } from 'vitest';
import { optimizers } from '#optimizers/index.ts';
import { visit } from '../support/app.ts';
import { optimize, withFiles } from '../support/command-line.ts';
import { madeFile, sizes, startingPrompts } from '../support/made-set.ts';

const calls = 150;
const all = Object.values(optimizers);

it('runs each optimizer from its choice on the page to its result, on the simulated model', () =>
  visit(async (app) => {
    await app.importFile(madeFile);
    for (const { id, label } of all) {
      await app.goTo('Data');
      await app.press(/^New run/);
      await app.setPrompts(startingPrompts);
      await app.fill({ 'Training rows': sizes.train, 'Validation rows': sizes.validation, 'Test rows': sizes.test });
      await app.chooseOptimizer(label.replaceAll(/[()]/g, '\\$&'));
      await app.fill({ 'Calls at most': calls });
      await app.start();
      await app.untilEnded();
      const result = await app.showTab('Result');
      await result
        .getByRole('heading', {
          level: 2,
          name: /^(Better|Worse|No better|Nothing to gain|Cannot tell|Start \d (is the|did) best of your \d): /,
        })
        .waitFor();
      const { text } = await app.save(/^Best prompts/);
      const { optimizer, prompts } = JSON.parse(text) as { optimizer: { id: string }; prompts: unknown[] };
      expect({ id: optimizer.id, any: prompts.length > 0 }).toEqual({ id, any: true });
    }
  }));

it('runs each optimizer without the page', () =>
  withFiles({ 'rows.csv': madeFile.text, 'prompts.txt': startingPrompts.join('\n---\n') }, async (path) => {
    for (const { id } of all) {
      const ended = await optimize([
        ...['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--optimizer', id, '--calls', String(calls)],
        ...Object.entries(sizes).flatMap(([part, rows]) => [`--${part}`, String(rows)]),
      ]);
      expect(ended, `${id}: ${ended.err}`).toMatchObject({ code: 0 });
      const answers = Number(/(\d+) evaluation calls/.exec(ended.out)?.[1]);
      const texts = Number(/(\d+) generator calls/.exec(ended.out)?.[1]);
      expect(answers, id).toBeGreaterThan(0);
      expect(answers + texts, id).toBeLessThanOrEqual(calls);
      // what it would take is said before it begins
      expect(ended.err, id).toMatch(/: (about|up to) \d+ answers and \d+(?: to \d+)? new prompts/);
    }
  }));
