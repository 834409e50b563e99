/** Why a prompt was kept or dropped, in words for the person. Leads are mean grades against the best prompt, on rows that both answered. */

export const points = (lead: number): string => `${lead >= 0 ? '+' : '−'}${Math.abs(100 * lead).toFixed(1)} points`;

/** @param isGood it would have gone on, but only the better half of a round does. */
export const rejected = (lead: number | undefined, rows: number, isGood = false): string =>
  lead === undefined
    ? `Out after ${rows} shared rows: none of them has an answer with both prompts.`
    : `Out after ${rows} shared rows: ${points(lead)} against the best prompt${isGood ? ', but others of this round did better' : ''}.`;

export const undecided = 'Not decided: the budget ended before it was known on enough rows.';

/** Half of the last digit of `points`. */
const hardlyAny = 0.0005;

export function admitted(isKept: boolean, isBest: boolean, lead: number, rows: number): string {
  if (!isKept) return `Held its own on ${rows} shared rows (${points(lead)}), but better ones are kept already.`;
  if (isBest && Math.abs(lead) < hardlyAny) return `The new best: as good on ${rows} shared rows, and shorter.`;
  return isBest
    ? `The new best: ${points(lead)} on ${rows} shared rows.`
    : `Kept to build on: ${points(lead)} against the best prompt on ${rows} shared rows.`;
}

export const setAside =
  'The probabilities do not fit the answers, perhaps because the model thinks aloud before it answers: from now on only right or wrong counts.';
