import type { App } from './app.svelte.ts';

/**
 * What a page owes to others when it goes and comes back. A page that the browser keeps for the way back holds its locks and does
 * nothing: so the engine ends at once, nobody listens to other tabs, and what it drove goes on when the page is shown again.
 */
export function watchPage(
  app: Pick<App, 'driving' | 'engine' | 'hints'>,
  page: Pick<Window, 'addEventListener'> = window,
): void {
  page.addEventListener('online', () => void app.engine.wake('online'));
  page.addEventListener('pagehide', () => {
    app.engine.close();
    app.hints.close();
  });
  page.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    app.hints.wake();
    void app.driving.goOn();
  });
}
