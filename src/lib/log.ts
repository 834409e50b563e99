import { redact } from './redact.ts';

/** The only caller of the console. Nothing that a person entered (keys, data, prompts) is ever logged; a key in a message is masked. */
export const logError = (place: string, error: unknown): void => {
  console.error(place, redact(wordsOf(error)));
};

/** With the causes: the first of them often says what it was. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCause: ${wordsOf(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}
