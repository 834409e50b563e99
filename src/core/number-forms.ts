/** Digits in groups: by commas, by points (with a decimal comma, or two groups at least), by spaces; also Indian groups. As a pattern. */
export const groupedDigits = [
  '[1-9]\\d{0,2}(?:,\\d{3})+(?:\\.\\d+)?',
  '[1-9]\\d?(?:,\\d{2})+,\\d{3}(?:\\.\\d+)?',
  '[1-9]\\d{0,2}(?:\\.\\d{3})+,\\d+',
  '[1-9]\\d{0,2}(?:\\.\\d{3}){2,}',
  '[1-9]\\d{0,2}(?:[\\u00a0\\u202f\\u2009]\\d{3})+(?:[.,]\\d+)?',
  // a plain space may also stand between two numbers: only a fraction behind it tells that it does not
  '[1-9]\\d{0,2}(?: \\d{3})+[.,]\\d{1,2}',
].join('|');
