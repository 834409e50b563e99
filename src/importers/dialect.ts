import { parseText } from './records.ts';

/** Guesses about delimited text from its beginning. A person can overrule each of them. */

const candidates = [',', ';', '\t', '|'] as const;
/** Separates nothing: for a file that is one column of text. */
const noDelimiter = '\x1f';

/** The delimiter for which most rows are as wide as the first one; several columns only. Ties go to the wider table. */
export function guessDelimiter(head: string): string {
  let best = { delimiter: noDelimiter, score: 0, width: 1 };
  for (const delimiter of candidates) {
    const widths = parseText(head, { delimiter, quotes: true }, head.length > 1000)
      .data.filter((row) => row.some((cell) => cell.trim() !== ''))
      .map((row) => row.length);
    const width = widths[0] ?? 1;
    if (width < 2) continue;
    const score = widths.filter((w) => w === width).length / widths.length;
    if (score > best.score || (score === best.score && width > best.width)) best = { delimiter, score, width };
  }
  return best.delimiter;
}

/** Column names that people and tools give; one of them in the first row makes it a header. */
const usualNames = new Set(
  (
    'a b c d e id idx index key nr no text input inputs output outputs question questions query prompt instruction context passage article ' +
    'sentence sentence1 sentence2 review message messages content title body answer answers answer_key answerkey target targets label labels ' +
    'class category expected expected_output ideal gold reference ground_truth correct_answer choices options explanation subject ' +
    'completion response annotation source split score tags metadata url date premise hypothesis utterance intent sentiment'
  ).split(' '),
);

const isNumber = (cell: string): boolean => /^[-+]?\d[\d\s.,]*%?$/.test(cell.trim());

/** Whether the first row names the columns. Judged by the row itself and by whether its cells come back as data below. */
export function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const [first = [], ...rest] = rows.slice(0, 300);
  const cells = first.map((cell) => cell.trim());
  const usual = cells.filter((cell) => usualNames.has(cell.toLowerCase())).length;
  const comesBack = cells.some((cell, column) => cell !== '' && rest.some((row) => row[column]?.trim() === cell));
  if (usual >= 2)
    return !cells.every((cell, column) => cell === '' || rest.some((row) => row[column]?.trim() === cell));
  if (comesBack || cells.some(isNumber)) return false;
  if (usual === 1) return true;
  return !cells.some((cell) => cell.length > 60 || cell.includes('\n'));
}
