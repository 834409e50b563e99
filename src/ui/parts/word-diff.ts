export type Piece = { readonly type: 'same' | 'added' | 'removed'; readonly text: string };

/** Words of a text; a run of characters without spaces counts as one. */
export const wordsIn = (text: string): number => text.match(/\S+/g)?.length ?? 0;

/** Word by word; white space counts, because line breaks of a prompt matter. The package is fetched when the first diff is wanted. */
export async function diffOf(before: string, after: string): Promise<readonly Piece[]> {
  const { diffWordsWithSpace } = await import('diff');
  // Two long texts with nothing in common take quadratic time: past this the whole text counts as rewritten.
  const changes = diffWordsWithSpace(before, after, { timeout: 400 });
  const pieces: Piece[] = changes
    ? changes.map(({ value, added, removed }) => ({
        type: added ? 'added' : removed ? 'removed' : 'same',
        text: value,
      }))
    : [
        { type: 'removed', text: before },
        { type: 'added', text: after },
      ];
  return pieces.filter(({ text }) => text !== '');
}

/** Below this share of kept words in the shorter text, what two texts have in common are words like “the”. */
const related = 0.5;
/** The same of the longer one: a few words of a short text are found again in any long one. */
const relatedOfLonger = 0.25;

/** Whether the texts are so different that their words, mixed, could not be read. */
export function isRewritten(pieces: readonly Piece[]): boolean {
  const words = (type: Piece['type']): number =>
    pieces.reduce((sum, piece) => sum + (piece.type === type ? wordsIn(piece.text) : 0), 0);
  const [same, added, removed] = [words('same'), words('added'), words('removed')];
  if (added === 0 || removed === 0) return false;
  const [shorter, longer] = [same + Math.min(added, removed), same + Math.max(added, removed)];
  return same < related * shorter || same < relatedOfLonger * longer;
}
