import type { App } from './app.svelte.ts';

/**
 * What a page owes to others when it goes and comes back. What other tabs did meanwhile is looked up when it is seen again. A page that the browser keeps for the way back holds its locks and does
 * nothing: so the engine ends at once, nobody listens to other tabs, and what it drove goes on when the page is shown again.
 */
export function watchPage(
  app: Pick<App, 'complain' | 'driving' | 'engine' | 'hints' | 'refresh'>,
  page: Pick<Window, 'addEventListener'> = window,
): void {
  page.addEventListener('online', () => void app.engine.wake('online'));
  page.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') app.refresh().catch((error: unknown) => app.complain(error));
  });
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
