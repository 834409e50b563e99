import { onDestroy, tick } from 'svelte';

/**
 * For what goes away because it was used, and would take the focus with it: called while a component is set up.
 * @returns to be called when it is used; the focus then goes to the heading of the page, and not to nowhere.
 */
export function leaveFocusToHeading(): () => void {
  let used = false;
  onDestroy(() => {
    if (used) document.querySelector<HTMLElement>('h1')?.focus();
  });
  return () => (used = true);
}

/** A finger that meant a button wants no keyboard over half of the page: no field is to get the focus by itself. */
export const isTouched = (): boolean => matchMedia('(pointer: coarse)').matches;

/**
 * For a button that goes away when it is pressed: the focus goes to the nearest of these around it, such as the field that was changed
 * or the heading, and not to nowhere. `work`: what the press began, where it takes a moment.
 */
export function handFocusOn(event: Event, to: string, work?: Promise<unknown>): void {
  const wanted = isTouched() ? 'h1, h2, h3' : to;
  const around: HTMLElement[] = [];
  let place = event.currentTarget instanceof HTMLElement ? event.currentTarget.parentElement : null;
  for (; place; place = place.parentElement) around.push(place);
  void handOn(around, wanted, work);
}

async function handOn(around: readonly HTMLElement[], to: string, work: Promise<unknown> | undefined): Promise<void> {
  await work;
  await tick();
  if (document.activeElement !== document.body) return; // the button is still there, or the person went on
  for (const place of around) {
    const next = place.isConnected ? place.querySelector<HTMLElement>(to) : null;
    if (!next) continue;
    if (next.tabIndex < 0) next.tabIndex = -1; // a heading
    next.focus();
    return;
  }
}
