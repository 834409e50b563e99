import type { Split } from '#core/example.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { number } from '#ui/parts/format.ts';

/** What the parts of the rows were used for in a run, and what is to say where they were not. */

type Given = Pick<RunReport, 'spec' | 'end' | 'candidates' | 'finalistsCompared'>;

/**
 * A small budget holds a part of the validation rows only; the finalists then meet on that. Undefined where all were asked about, or
 * where it was not the budget that left some out.
 */
function heldRows({
  spec,
  candidates,
  finalistsCompared,
}: Given): { readonly asked: number; readonly of: number } | undefined {
  const asked = new Set(candidates.map(({ summaries }) => summaries.validation.asked).filter((rows) => rows > 0));
  const [rows] = asked;
  const all = spec.split.validation.length;
  const isWhole = finalistsCompared && asked.size === 1;
  return isWhole && rows !== undefined && rows < all ? { asked: rows, of: all } : undefined;
}

/** What this part of the rows was for, as far as the run came. */
export function useWords(report: Given, best: CandidateReport, split: Split): string {
  const isOpen = best.summaries[split].asked > 0;
  if (split === 'train') return 'the search saw these rows';
  if (split === 'validation') {
    if (report.finalistsCompared) return 'weighed most in the choice of the winner';
    if (isOpen) return report.end ? 'asked about in part; had no say' : 'asked about for the final comparison';
    return report.end ? 'kept for a final comparison, which was not made' : 'kept for the final comparison';
  }
  if (!isOpen && report.end) return 'still sealed';
  return report.spec.testSeen ? 'sealed in this run, used by earlier ones' : 'sealed until the end';
}

/** Why fewer validation rows were asked about than there are. */
export function heldWords(report: Given): string {
  const held = heldRows(report);
  return held
    ? `Of the ${number(held.of)} validation rows the final comparison took ${number(held.asked)}, as many as the budget held.`
    : '';
}

/** What stands in place of a score. `isOthers`: another prompt has one here. */
export function withoutScore({ asked }: { readonly asked: number }, split: Split, isOthers: boolean): string {
  if (asked > 0) return 'no answers';
  return split === 'test' && !isOthers ? 'not opened' : 'not asked about these';
}
