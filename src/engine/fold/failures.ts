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

/** Failed cells become open ones. While the run goes on, those that the search was told of stay: it built on them. */
export function reopenFailed(state: RunState): void {
  for (const [id, record] of state.candidates)
    for (const split of splits) {
      if (record.failed[split] === 0) continue;
      const kept = [...record.results[split]].filter(
        ([example, { type }]) =>
          type !== 'failed' || (state.status !== 'ended' && state.toldFailures.has(cellKey(id, split, example))),
      );
      const stays = new Set(kept.map(([example]) => example));
      const opened = [...record.results[split].keys()].filter((example) => !stays.has(example));
      record.reopened = [...record.reopened, ...opened.map((example) => ({ split, example }))];
      record.results[split] = new Map(kept);
      record.failed[split] = kept.filter(([, { type }]) => type === 'failed').length;
    }
}
