/** Hands over the first heading of a page as soon as there is one: a page may have to load something before it knows its name. */
export function headingIn(place: HTMLElement, found: (heading: HTMLElement) => void): () => void {
  const look = (): boolean => {
    const heading = place.querySelector('h1');
    if (!heading) return false;
    // Whoever went on by keyboard or mouse in the meantime is left alone.
    const active = document.activeElement;
    if (active && active !== document.body && place.contains(active) && active !== place) return true;
    heading.tabIndex = -1;
    found(heading);
    return true;
  };
  if (look()) return () => undefined;
  const observer = new MutationObserver(() => {
    if (look()) observer.disconnect();
  });
  observer.observe(place, { childList: true, subtree: true });
  return () => observer.disconnect();
}
