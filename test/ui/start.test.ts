import { expect, it } from 'vitest';
import { samples } from '#state/samples.ts';
import { startOf } from '#ui/dataset/start.ts';

it('a sample brings its prompts; a file of the same name that a person imported does not', () => {
  for (const { file, name, prompts, task } of samples) {
    expect(startOf({ source: file, name })).toEqual({ prompts, task: { description: task } });
    expect(startOf({ source: file, name: file.replace(/\.\w+$/, '') })).toEqual({});
  }
});
