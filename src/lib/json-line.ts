// a run of plain characters is taken whole or not at all: given back piece by piece, a string that never ends would take for ever
const token =
  /[ \t\n\r]*(?:(?<mark>[[\]{},:])|(?<text>"(?:(?=(?<run>[^"\\\p{Cc}]+))\k<run>|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<value>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;

/** The line of the first place where a text stops being JSON, from 1. Engines do not agree on telling it, and some tell nothing. */
export function jsonErrorLine(text: string): number {
  const open: string[] = [];
  /** What may come now: v a value, k a key, c a colon, n a comma or the end of what is open. */
  let wanted = 'v';
  let end = 0;
  for (token.lastIndex = 0; ;) {
    const found = token.exec(text)?.groups;
    if (!found) break;
    const { mark, text: string } = found;
    const inObject = open.at(-1) === '{';
    if (mark === undefined) {
      if (wanted.includes('v')) wanted = 'n';
      else if (string !== undefined && wanted.includes('k')) wanted = 'c';
      else break;
    } else if (mark === '{' || mark === '[') {
      if (!wanted.includes('v')) break;
      open.push(mark);
      wanted = mark === '{' ? 'k}' : 'v]';
    } else if (mark === ':') {
      if (wanted !== 'c') break;
      wanted = 'v';
    } else if (mark === ',') {
      if (wanted !== 'n' || open.length === 0) break;
      wanted = inObject ? 'k' : 'v';
    } else {
      if (open.at(-1) !== (mark === '}' ? '{' : '[') || !(wanted === 'n' || wanted.includes(mark))) break;
      open.pop();
      wanted = 'n';
    }
    end = token.lastIndex;
  }
  const space = /^[ \t\n\r]*/.exec(text.slice(end))?.[0].length ?? 0;
  return text.slice(0, end + space).split('\n').length;
}
