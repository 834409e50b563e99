import { outcomeOf } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { aboutTask } from '../parts/about-task.ts';
import { saidIn } from '../parts/check-proposal.ts';
import { asked } from '../parts/fill-meta-prompt.ts';
import { paraphrase } from '../parts/paraphrase.ts';
import type { Draft } from '../parts/proposals.ts';
import { recordsBlock } from '../parts/records.ts';
import type { Workbench } from '../parts/workbench.ts';
import type { ProtegiValues } from './fields.ts';

const unsureReason = 'The answers to these inputs are right, but the model was hardly sure of them.';

/** What a prompt is to be corrected for: rows that show it, and the reason in words. */
type Gradient = { readonly of: Candidate; readonly rows: readonly ExampleId[]; readonly reason: string };

export type Expanded = { readonly made: readonly Candidate[]; readonly asked: number };

/**
 * The new prompts of a round: for each kept one the reasons of its errors, a correction for each reason, and the corrections and the
 * prompt itself in other words. `asked`: texts of the generator.
 */
export function* expand(
  bench: Workbench,
  round: number,
  errors: ReadonlyMap<Candidate, readonly ExampleId[]>,
  values: ProtegiValues,
  random: Random,
): Procedure<Expanded | 'exhausted'> {
  const frame = aboutTask(bench, true);
  const wanted = [...errors].flatMap(([of, rows]) =>
    rows.length === 0 && values.unsure
      ? []
      : Array.from({ length: values.reasons }, () => ({ of, rows: random.sample(rows, values.shownErrors) })),
  );
  const texts = yield* bench.write(
    round,
    wanted.map(({ of, rows }) => asked(values.reasonPrompt, { ...frame, ...shown(bench, of, rows) })),
  );
  if (texts === 'exhausted') return 'exhausted';
  const gradients: readonly Gradient[] = [
    ...wanted.flatMap(({ of, rows }, place) => {
      const reason = texts[place] ? saidIn(texts[place]) : '';
      return reason === '' ? [] : [{ of, rows, reason }];
    }),
    ...(values.unsure
      ? [...errors].flatMap(([of, rows]) => (rows.length === 0 ? unsureOf(bench, of, values) : []))
      : []),
  ];
  const edits = limited(
    gradients.flatMap((gradient) =>
      Array.from({ length: values.edits }, () => editOf(bench, gradient, values.editPrompt, frame)),
    ),
    values.mostNew,
  );
  const corrected = yield* propose(bench, round, edits);
  if (corrected === 'exhausted') return 'exhausted';
  const variations = [...errors.keys()].flatMap((parent) => {
    const own = corrected.filter(({ origin }) => origin.type === 'proposal' && origin.parents.includes(parent.id));
    const drafts = [parent, ...own].flatMap((of) =>
      Array.from({ length: values.paraphrases }, () => paraphrase(of, values.paraphrasePrompt, frame)),
    );
    return random.sample(drafts, Math.max(0, values.mostNew - own.length));
  });
  const reworded = yield* propose(bench, round, variations);
  if (reworded === 'exhausted') return 'exhausted';
  return { made: [...corrected, ...reworded], asked: wanted.length + edits.length + variations.length };
}

const propose = (bench: Workbench, round: number, drafts: readonly Draft[]): ReturnType<Workbench['propose']> =>
  bench.propose(round, drafts, { again: true });

/** At most so many for each parent, the first ones. */
const limited = (drafts: readonly Draft[], most: number): readonly Draft[] =>
  drafts.filter(
    ({ parents }, place) => drafts.slice(0, place).filter((other) => other.parents[0] === parents[0]).length < most,
  );

const editOf = (
  bench: Workbench,
  { of, rows, reason }: Gradient,
  text: string,
  frame: Readonly<Record<string, string>>,
): Draft => ({
  messages: asked(text, { ...frame, ...shown(bench, of, rows), reason }),
  operator: 'correction',
  parents: [of.id],
  why: reason.slice(0, 400),
});

const shown = (bench: Workbench, of: Candidate, rows: readonly ExampleId[]): Readonly<Record<string, string>> => ({
  prompt: instructionOf(of),
  errors: recordsBlock(bench, of, rows),
});

/** The right answers with the highest cross entropy; nothing where there is none to tell them apart. */
function unsureOf({ book }: Workbench, of: Candidate, { shownErrors }: ProtegiValues): readonly Gradient[] {
  const entropies = [...book.resultsOf(of.id)].flatMap(([row, result]) =>
    outcomeOf(result) === 'right' && result.type === 'answered' && result.crossEntropy.type === 'scored'
      ? [{ row, value: result.crossEntropy.value }]
      : [],
  );
  const rows = [...entropies].sort((a, b) => b.value - a.value).map(({ row }) => row);
  return rows.length === 0 ? [] : [{ of, rows: rows.slice(0, shownErrors), reason: unsureReason }];
}
