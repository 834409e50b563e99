import { AppError } from '#core/error.ts';
import type { Example } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { AnswerReading, TaskSpec } from '#core/task.ts';
import type { RunState } from './run-state.ts';

/** A rule that would read most of these answers, where one is known. */
export type ProposeReading = (
  answers: readonly { readonly text: string; readonly example: Example }[],
  task: TaskSpec,
) => AnswerReading | undefined;

/** Share of unreadable answers from which the run asks, from how many answers on, and how many of them are shown. */
const unreadableShare = 0.2;
const unreadableFrom = 5;
const samplesShown = 5;

/** Nothing was written, no race was held, and all of these were there before the first round. */
const isFirst = ({ generated, facts, candidates: known }: RunState, candidates: readonly Candidate[]): boolean =>
  generated.size === 0 &&
  !facts.some(({ fact }) => fact.type === 'race-rung') &&
  candidates.every(({ id }) => known.get(id)?.round === 0);

/**
 * Looks at the first batch, before the generator is asked for anything. Gibberish among the starting prompts is meant to fail, so the
 * most readable prompt decides: when even its answers cannot be read, it is the reading that is wrong and not the prompt.
 * @throws AppError `answers-unreadable`
 */
export function checkReadable(
  state: RunState,
  candidates: readonly Candidate[],
  propose: ProposeReading,
  examples: ReadonlyMap<ExampleId, Example>,
): void {
  if (state.answersAccepted || !state.spec || !isFirst(state, candidates)) return;
  const batches = candidates.map(({ id }) => {
    const answered = [...(state.candidates.get(id)?.results.train ?? [])].flatMap(([example, result]) =>
      result.type === 'answered' ? [{ example, result }] : [],
    );
    const unreadable = answered.filter(({ result }) => result.outcome === 'unparsable');
    return { of: answered.length, unreadable, share: answered.length === 0 ? 0 : unreadable.length / answered.length };
  });
  const best = batches.filter(({ of }) => of > 0).sort((a, b) => a.share - b.share)[0];
  if (!best || best.of < unreadableFrom || best.share <= unreadableShare) return;
  const answers = best.unreadable.flatMap(({ example, result }) => {
    const found = examples.get(example);
    return found ? [{ text: result.answer, example: found }] : [];
  });
  const proposal = propose(answers, state.spec.task);
  throw new AppError('answers-unreadable', {
    unreadable: best.unreadable.length,
    of: best.of,
    samples: answers.slice(0, samplesShown).map(({ text }) => text),
    ...(proposal ? { proposal } : {}),
  });
}
