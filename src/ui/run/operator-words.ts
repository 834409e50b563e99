/** Ways of writing prompts, by the names that optimizers give them. An unknown name is shown as it is. */
const known: Readonly<Record<string, string>> = {
  reflect: 'Learn from mistakes',
  contrast: 'Contrast good and bad',
  merge: 'Merge two prompts',
  demos: 'Show worked examples',
  edit: 'Change a sentence',
  format: 'Mend the answer format',
  compress: 'Shorten',
  restart: 'Start afresh from examples',
  template: 'Fill in a template',
};

export function operatorWords(operator: string): string {
  if (Object.hasOwn(known, operator)) return known[operator] ?? operator;
  const words = operator.replace(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

type Way = { readonly operator?: string; readonly why?: string };

/** Where the optimizer's own words say all that the name of the way says, and more. */
const saysAll = ({ operator, why }: Way): boolean => operator === 'demos' && why !== undefined;

/** How a prompt came about, as the beginning of a sentence; nothing where the optimizer has only one way. */
export function wayWords(way: Way): string {
  if (way.operator === undefined) return '';
  return saysAll(way) ? (way.why ?? '').replace(/\.$/, '') : operatorWords(way.operator);
}

/** Small models write pieces of the form that they were to fill in, and sometimes nothing else. */
function withoutForm(said: string): string {
  const text = said.replace(/<\/?(?:prompt|change|instruction)>/gi, '').trim();
  return /^[!-~]*$/.test(text) ? '' : text;
}

/** What is to be said beside that. */
export const whyWords = (way: Way): string => (saysAll(way) ? '' : withoutForm(way.why ?? ''));
