import type { Place } from '#state/draft-problems.ts';

/** Where each part of the form begins, so that a problem can lead to it. */
export const placeId = (place: Place): string => `new-run-${place}`;

/** Opens what is folded, scrolls there and hands over the focus: to the first control that is marked as wrong, else to the first one. */
export function goTo(place: Place): void {
  const part = document.getElementById(placeId(place));
  if (!part) return;
  const controls = 'input:not([hidden]), textarea, select';
  const target = part.querySelector<HTMLElement>('[aria-invalid="true"]') ?? part.querySelector<HTMLElement>(controls);
  let fold = target?.closest('details');
  while (fold) {
    fold.open = true;
    fold = fold.parentElement?.closest('details');
  }
  (target ?? part).scrollIntoView({ block: 'center' });
  target?.focus({ preventScroll: true });
}
