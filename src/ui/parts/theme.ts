export type Theme = 'light' | 'dark' | 'system';

/** Sets the theme of the page; `system` leaves the choice to the operating system. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
