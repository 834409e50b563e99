/** What columns are usually called, in the words of many tools and data sets. Compared without case, spaces and signs. */

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
/** `outputs.answer` is judged by its last part. */
const lastPart = (name: string): string => name.split('.').at(-1) ?? name;
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const targetNames = words(
  'expected expectedoutput expectedanswer expectedresult ideal target targets answer answers answerkey correctanswer correctoption correct gold goldlabel ' +
    'label labels reference references groundtruth output outputs completion response annotation class category y sentiment intent emotion ' +
    'translation summary solution result amount',
);
const inputNames = words(
  'input inputs text prompt question questions query instruction sentence review article context passage content message messages utterance ' +
    'premise hypothesis document dialogue email tweet subject title body sentence1 sentence2 stem original source',
);
const idName = /(?:^|[\s_.-])(?:id|ids|idx|index|uuid|guid|nr|no|num|number|rowid|key)\.?$|^#$|(?:[a-z]Id|ID)$/i;
const bookkeeping = words(
  'timestamp createdat updatedat date url link split fold source metadata weight author license version',
);
/** Columns that give the answer away. */
const giveaway = words(
  'explanation rationale reasoning hint evidence steps chainofthought cot workedsolution confidence',
);

export const isTargetName = (name: string): boolean => targetNames.has(plain(lastPart(name)));
/** `Expected JSON`, `label_text`: a word of a target name among others. */
export const holdsTargetWord = (name: string): boolean =>
  lastPart(name)
    .split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u)
    .some((word) => targetNames.has(plain(word)) && plain(word) !== 'y');
export const isInputName = (name: string): boolean => inputNames.has(plain(lastPart(name)));
export const isIdName = (name: string): boolean => idName.test(name);
export const isBookkeeping = (name: string): boolean =>
  /^__(?!expected)/.test(name) || /^(?:metadata|sample)\./.test(name) || bookkeeping.has(plain(lastPart(name)));
export const isGiveaway = (name: string): boolean => giveaway.has(plain(lastPart(name)));
export const isChoicesName = (name: string): boolean =>
  /(?:choices|options|candidates|endings|alternatives)(?:\.texts?)?$/i.test(name);

/** `ref_1` → {base: ref, number: 1}; `input.option_b` → {above: input, base: option, number: 2}; undefined for other names. */
export function numbered(
  full: string,
): { readonly above: string; readonly base: string; readonly number: number } | undefined {
  const name = lastPart(full);
  const above = full.slice(0, full.length - name.length);
  const match = /^(.*?)[\s_.-]*(\d{1,2}|(?<![\p{L}])[a-jA-J]|(?<=[a-z])[A-J])\)?$/u.exec(name);
  const [, base = '', sign = ''] = match ?? [];
  if (!match) return undefined;
  return { above, base: plain(base), number: /\d/.test(sign) ? Number(sign) : sign.toLowerCase().charCodeAt(0) - 96 };
}

/** The empty base stands for columns that are called A, B, C. */
export const optionBases: ReadonlySet<string> = new Set([
  '',
  ...words('option choice answer ans op sol ending candidate alternative'),
]);
export const referenceBases = words(
  'ref reference target answer expected gold label simplification translation paraphrase output',
);
