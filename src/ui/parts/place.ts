/**
 * Puts an open popover under its button, or above it where there is no room below, and keeps it inside the window.
 * Done by hand because not every browser that knows `popover` can anchor one in CSS.
 */
export function placeNear(popover: HTMLElement, button: Element): void {
  const gap = 6;
  const edge = 8;
  const at = button.getBoundingClientRect();
  // measured where it has room: beside the edge it would be narrower than it will be
  popover.style.insetInlineStart = '0';
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + gap;
  const fits = below + height <= innerHeight - edge;
  const top = fits ? below : Math.max(edge, at.top - gap - height);
  // the room of a scrollbar is no room, also where none is drawn
  const { right } = document.documentElement.getBoundingClientRect();
  const left = Math.min(Math.max(edge, at.left), Math.max(edge, right - edge - width));
  popover.style.insetBlockStart = `${top}px`;
  popover.style.insetInlineStart = `${left}px`;
}

/** The index that an arrow key, Home or End leads to in a list that wraps around; undefined for any other key. */
export function stepTo(key: string, from: number, length: number): number | undefined {
  if (length === 0) return undefined;
  if (key === 'ArrowDown' || key === 'ArrowRight') return (from + 1) % length;
  if (key === 'ArrowUp' || key === 'ArrowLeft') return (from - 1 + length) % length;
  if (key === 'Home') return 0;
  if (key === 'End') return length - 1;
  return undefined;
}
