import { onDestroy } from 'svelte';

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
