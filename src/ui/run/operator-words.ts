/** Ways of writing prompts, by the names that optimizers give them. An unknown name is shown as it is. */
const known: Readonly<Record<string, string>> = {
  reflect: 'Learn from mistakes',
  contrast: 'Contrast good and bad',
  merge: 'Merge two prompts',
  demos: 'Show worked examples',
  edit: 'Change a sentence',
  format: 'Mend the answer format',
  compress: 'Shorten',
  restart: 'Start afresh',
};

export function operatorWords(operator: string): string {
  if (Object.hasOwn(known, operator)) return known[operator] ?? operator;
  const words = operator.replace(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
