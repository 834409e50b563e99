import type { Split } from '#core/example.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { RunState } from '../run-state.ts';

const splits = ['train', 'validation', 'test'] as const satisfies readonly Split[];

export function* failedCells(state: RunState): Generator<string> {
  for (const [id, { results, failed }] of state.candidates)
    for (const split of splits)
      if (failed[split] > 0)
        for (const [example, result] of results[split]) if (result.type === 'failed') yield cellKey(id, split, example);
}

const cellKey = (candidate: CandidateId, split: Split, example: ExampleId): string =>
  `${candidate}/${split}/${example}`;

/** Whether any of these cells failed without the search having been told. */
export const hasUntoldFailures = (
  state: RunState,
  candidates: readonly Candidate[],
  split: Split,
  examples: readonly ExampleId[],
): boolean =>
  candidates.some(({ id }) => {
    const record = state.candidates.get(id);
    if (!record || record.failed[split] === 0) return false;
    return examples.some(
      (example) =>
        record.results[split].get(example)?.type === 'failed' && !state.toldFailures.has(cellKey(id, split, example)),
    );
  });

/**
 * Failed cells are to be asked again. Once the run has ended each stays what it was until its answer is there: an attempt that comes to
 * nothing must change no score and no verdict. While it goes on they become open ones, but for those that the search was told of: it built on them.
 */
export function reopenFailed(state: RunState): void {
  const hasEnded = state.status === 'ended';
  for (const [id, record] of state.candidates)
    for (const split of splits) {
      if (record.failed[split] === 0) continue;
      const opened = [...record.results[split]].flatMap(([example, { type }]) =>
        type === 'failed' && (hasEnded || !state.toldFailures.has(cellKey(id, split, example))) ? [example] : [],
      );
      const others = record.reopened.filter((cell) => cell.split !== split || !opened.includes(cell.example));
      record.reopened = [...others, ...opened.map((example) => ({ split, example }))];
      if (hasEnded) continue;
      const open = new Set(opened);
      record.results[split] = new Map([...record.results[split]].filter(([example]) => !open.has(example)));
      record.failed[split] -= opened.length;
    }
}
