import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** Of prompts with as many right the surer one stands higher: without a word about it, all rows right and left out would be a riddle. */
export const notAmong = 'not among the best, and of equals the surer ones stand higher';

/** Says of each new prompt whether it is among those that are kept, and which these are, the best one first. */
export function* announceVerdicts(
  bench: Pick<Workbench, 'book' | 'announce'>,
  round: number,
  made: readonly Candidate[],
  residents: readonly Candidate[],
  words: { readonly kept: string; readonly dropped: string },
): Procedure<void> {
  for (const candidate of made) {
    const accepted = residents.includes(candidate);
    const reason = `${rightWords(bench, candidate)}: ${accepted ? words.kept : words.dropped}.`;
    yield* bench.announce({ type: 'proposal-judged', round, candidate: candidate.id, accepted, reason });
  }
  yield* bench.announce({ type: 'archive-changed', round, residents: residents.map(({ id }) => id) });
}

/** What a prompt reached on its rows, for a person. */
export function rightWords({ book }: Pick<Workbench, 'book'>, { id }: Candidate): string {
  const accuracy = book.accuracy(id);
  return accuracy ? `Right on ${Math.round(accuracy.value * accuracy.n)} of ${accuracy.n} rows` : 'Without any answer';
}
