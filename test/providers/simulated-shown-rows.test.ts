import { describe, expect, it } from 'vitest';
import { candidateWith } from '#core/demonstrations.ts';
import { createReaderOfShown } from '#providers/simulated/shown-rows.ts';
import { study } from '#providers/simulated/study.ts';
import { createRecognizer, textOf } from '#providers/simulated/recognize.ts';
import { renderMessages } from '#core/prompt.ts';
import { messagesKey, readingKey } from '../support/sample-tasks.ts';

describe.each([
  ['label', messagesKey()],
  ['letter', readingKey()],
])('worked examples in a prompt (%s)', (_, key) => {
  const { task, examples } = key;
  const read = createReaderOfShown(key);
  const character = { model: 'careful', seed: 1 } as const;
  const instruction = 'Say what is asked for. Write only the answer, nothing else.';
  const withRows = (count: number, answer?: string): string =>
    candidateWith(
      instruction,
      examples.slice(0, count).map((example) => ({ example, answer: answer ?? example.targets[0] ?? '' })),
      task.template,
      { type: 'start' },
    ).prompt;

  it('are told apart from the instruction, right and wrong ones', () => {
    expect(read(withRows(0))).toEqual({ instruction, right: 0, wrong: 0 });
    expect(read(withRows(3))).toEqual({ instruction, right: 3, wrong: 0 });
    expect(read(withRows(3, 'zzz'))).toEqual({ instruction, right: 0, wrong: 3 });
  });

  it('do not hide which row is asked about', () => {
    const recognize = createRecognizer(key);
    for (const example of examples.slice(4, 20)) {
      const prompt = withRows(4);
      expect(recognize(textOf(renderMessages(task.template, prompt, example)))).toEqual({ example, prompt });
    }
  });

  it('teach a little where they are right, and mislead where they are wrong', () => {
    const gradeOf = (prompt: string) => study('the same text', read(prompt), task, character);
    const [none, few, many] = [gradeOf(withRows(0)), gradeOf(withRows(1)), gradeOf(withRows(4))];
    expect(few.ability).toBeGreaterThan(none.ability);
    expect(many.ability).toBeGreaterThan(few.ability);
    expect(many.obedience).toBeGreaterThan(none.obedience);
    expect(many.ability - none.ability).toBeLessThan(0.3);
    expect(gradeOf(withRows(4, 'zzz')).ability).toBeLessThan(none.ability);
  });
});
