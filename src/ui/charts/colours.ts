const tokens = ['ink', 'muted', 'line', 'surface', 'accent', 'good', 'bad', 'warn'] as const;
/** What they become where the person has replaced all colours by their own. */
const system = {
  ink: 'CanvasText',
  muted: 'CanvasText',
  line: 'GrayText',
  surface: 'Canvas',
  accent: 'Highlight',
  good: 'CanvasText',
  bad: 'CanvasText',
  warn: 'CanvasText',
} as const;
export type Colours = Readonly<Record<(typeof tokens)[number], string>> & { readonly font: string };

/**
 * The colours of the page as a canvas understands them. A canvas resolves neither `var()` nor `light-dark()`, so an element inside the
 * page is asked, and one painted pixel turns whatever colour space comes back into plain RGB.
 */
export function readColours(inside: Element): Colours {
  const probe = document.createElement('span');
  inside.append(probe);
  probe.style.forcedColorAdjust = 'none';
  // a colour that changes by and by would be read as the one before
  probe.style.setProperty('transition', 'none', 'important');
  const forced = matchMedia('(forced-colors: active)').matches;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pixel = canvas.getContext('2d', { willReadFrequently: true });
  const style = getComputedStyle(probe);
  const read = (token: (typeof tokens)[number]): string => {
    probe.style.color = forced ? system[token] : `var(--${token})`;
    if (!pixel) return style.color;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = style.color;
    pixel.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgb(${red} ${green} ${blue})`;
  };
  const colours = Object.fromEntries(tokens.map((token) => [token, read(token)])) as Record<
    (typeof tokens)[number],
    string
  >;
  const font = style.fontFamily;
  probe.remove();
  return { ...colours, font };
}

/** Calls `changed` when the theme switch or the operating system changes the colours of the page. */
export function watchTheme(changed: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    for (const query of queries) query.removeEventListener('change', changed);
    observer.disconnect();
  };
}
