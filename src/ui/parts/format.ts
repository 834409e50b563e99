/** How numbers are written on every screen. `undefined` is unknown and becomes a dash, never a zero. */
export const unknown = '–';

const fixed = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const formats = [0, 1, 2, 3, 4].map(fixed);

/** A number with as many digits after the point: `1,240`, `0.42`. */
export function number(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  return (formats[digits] ?? fixed(digits)).format(value);
}

/** A share 0…1 as per cent, with a no-break space: `85.5 %`. What is more than nothing is never written as 0 %: `<1 %`, and what is less than all never as 100 %: `>99 %`. */
export function percent(share: number | undefined, digits = 1): string {
  if (share === undefined || !Number.isFinite(share)) return unknown;
  const words = number(share * 100, digits);
  const step = 10 ** -digits;
  if (share > 0 && !/[1-9]/.test(words)) return `<${number(step, digits)}\u00a0%`;
  // a mistake stays one in print
  return `${share < 1 && Number(words) === 100 ? `>${number(100 - step, digits)}` : words}\u00a0%`;
}

/** An interval of shares where there is little room: `58 to 92 %`. */
export const percentRange = ({ lo, hi }: { readonly lo: number; readonly hi: number }): string =>
  `${number(lo * 100)} to ${percent(hi, 0)}`;

/** With a sign that lines up with digits: `+4.5`, `−2.0`; none where nothing but zeros would follow it. */
export function signed(value: number | undefined, digits = 1): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  const size = number(Math.abs(value), digits);
  const sign = value < 0 ? '\u2212' : '+';
  return /[1-9]/.test(size) ? `${sign}${size}` : size;
}

const dateAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A date and a time, from milliseconds since 1970. Files need not know when something was (0). */
export const timeWords = (at: number): string =>
  at === 0 || Number.isNaN(new Date(at).getTime()) ? 'Time not known' : dateAndTime.format(at);

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');

/** `1 word`, `2 words`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;
