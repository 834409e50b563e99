import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Completion } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import type { Metric } from '#core/score.ts';
import type { AnswerFormat } from '#core/task.ts';
import { metricOf, metrics } from '#metrics/index.ts';

/** What every metric has to keep to, whatever a model writes. */

const formats: readonly AnswerFormat[] = [
  { type: 'letter' },
  { type: 'label', labels: ['good', 'bad', 'not good'] },
  { type: 'number' },
  { type: 'text' },
];
const pieces = [
  'A',
  'b',
  '(B)',
  'good',
  'not',
  ' ',
  '\n',
  '1,284.50',
  '-',
  '**',
  '“',
  '{{text}}',
  '\\',
  '\ud800',
  '💬',
  '東京',
];
const random = createRandom('answers');
const anyText = (): string => Array.from({ length: random.integer(8) }, () => random.pick(pieces)).join('');

function anyCase(): readonly [Example, Completion, AnswerFormat] {
  const format = random.pick(formats);
  const target = { letter: 'B', label: 'good', number: '1284.5', text: 'the old man' }[format.type];
  const content = {
    inputs: { text: 'x' },
    targets: [target],
    ...(format.type === 'letter' ? { choices: ['one', 'two', 'three'] } : {}),
  };
  const text = anyText();
  const tokens = [{ token: text, logprob: -0.1, alternatives: [{ token: text, logprob: -0.1 }] }];
  return [
    { id: exampleId(content), ...content },
    {
      text,
      finishReason: 'stop',
      ...(random.next() < 0.5 ? { tokens } : {}),
      usage: { inputTokens: 1, outputTokens: 1 },
      latencyMs: 1,
    },
    format,
  ];
}

describe.each(Object.entries<Metric>(metrics))('metric %s', (id, metric) => {
  it('describes itself in sentences', () => {
    expect(metric.id).toBe(id);
    expect(metricOf(id)).toBe(metric);
    expect(metric.label).not.toBe('');
    expect(metric.description).toMatch(/\.$/);
  });

  it('judges any answer, the same way twice, without changing anything', () => {
    for (let i = 0; i < 200; i++) {
      const given = anyCase();
      const before = structuredClone(given);
      const score = metric.score(...given);
      expect(metric.score(...given)).toEqual(score);
      expect(given).toEqual(before);
      expect(structuredClone(score)).toEqual(score);
      if (score.type === 'unscored') continue;
      expect(Number.isFinite(score.value)).toBe(true);
      expect(Object.is(score.value, -0)).toBe(false);
      if (metric.kind === 'right-or-wrong') expect([0, 1]).toContain(score.value);
    }
  });

  it('calls the accepted answer itself right', () => {
    if (metric.kind !== 'right-or-wrong') return;
    const [format, target] = (
      {
        'choice-letter': [{ type: 'letter' }, 'B'],
        label: [{ type: 'label', labels: ['good', 'bad', 'not good'] }, 'not good'],
        number: [{ type: 'number' }, '1,284.50'],
      } as Readonly<Record<string, readonly [AnswerFormat, string]>>
    )[id] ?? [{ type: 'text' }, 'The old man.'];
    const content = { inputs: { text: 'x' }, targets: [target] };
    const completion: Completion = {
      text: target,
      finishReason: 'stop',
      usage: { inputTokens: 1, outputTokens: 1 },
      latencyMs: 1,
    };
    expect(metric.score({ id: exampleId(content), ...content }, completion, format)).toMatchObject({ value: 1 });
  });
});

it('knows no metric by a name of Object', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'nothing']) expect(metricOf(name)).toBeUndefined();
});
