import type { Completion } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import { readBy } from '#core/reading.ts';
import type { Metric } from '#core/score.ts';
import type { AnswerReading, TaskSpec } from '#core/task.ts';

/** Words behind which models put their answer. */
const marks = [
  'Answer:',
  'Final answer:',
  'answer is',
  'Label:',
  'Category:',
  'Output:',
  'Result:',
  'Therefore,',
  '=>',
];
/** Share of the answers that a rule must make readable to be worth a proposal. */
const worthShare = 0.5;

/** The rule that makes most of these unreadable answers readable; undefined where none does so for half of them. */
export function proposeReadingWith(
  metric: Metric,
  answers: readonly { readonly text: string; readonly example: Example }[],
  task: TaskSpec,
): AnswerReading | undefined {
  const readable = (reading: AnswerReading): number =>
    answers.filter(({ text, example }) => {
      const part = readBy(completionOf(text), reading);
      return part.text !== text && metric.score(example, part, task.answer).type === 'scored';
    }).length;
  let best: { readonly reading: AnswerReading; readonly count: number } | undefined;
  for (const reading of rulesFor(answers.map(({ text }) => text))) {
    const count = readable(reading);
    if (count > (best?.count ?? 0)) best = { reading, count };
  }
  return best && best.count >= worthShare * answers.length ? best.reading : undefined;
}

const completionOf = (text: string): Completion => ({
  text,
  finishReason: 'stop',
  usage: { inputTokens: 0, outputTokens: 0 },
  latencyMs: 0,
});

/** The rules worth trying: the usual marks, and the tags and members that these answers have. */
function rulesFor(texts: readonly string[]): readonly AnswerReading[] {
  const all = texts.join('\n');
  const tags = new Set([...all.matchAll(/<([A-Za-z][\w-]{0,30})>/g)].map(([, name = '']) => name));
  const fields = new Set([...all.matchAll(/"([\w -]{1,30})"\s*:/g)].map(([, name = '']) => name));
  return [
    ...[...fields].map((field) => ({ type: 'json', field }) as const),
    ...[...tags].map((name) => ({ type: 'tag', name }) as const),
    ...marks.map((mark) => ({ type: 'after', mark }) as const),
    { type: 'last-line' },
  ];
}
