import type { Dataset } from '#core/example.ts';
import type { Mapping } from '#core/import.ts';
import type { AnswerFormat, TaskSpec } from '#core/task.ts';

const mostLabels = 8;

function formWords(answer: AnswerFormat): string {
  if (answer.type !== 'label') return `a ${answer.type}`;
  const more = answer.labels.length - mostLabels;
  return `${answer.labels.slice(0, mostLabels).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What the run is taken to be about, most of which may be a guess, and what there is to know about the file: before anything is paid for. */
export function dataWords(
  { notes }: Dataset,
  { inputs, target, choices }: Mapping,
  { answer, metric }: TaskSpec,
): readonly string[] {
  const options = choices?.type === 'list' ? [choices.column] : (choices?.columns ?? []);
  return [
    `Reads ${[...inputs, ...options].join(', ')} → ${target.join(', ')} (${formWords(answer)}), metric ${metric}.`,
    ...notes.map(({ message }) => message),
  ];
}
