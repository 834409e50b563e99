import { SvelteMap } from 'svelte/reactivity';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { App } from './app.svelte.ts';
import { watchRun, type LiveRun } from './live-run.svelte.ts';

/** Some runs that are looked at beside each other, each as live as on its own page. */
export class ComparedRuns {
  readonly #live = new SvelteMap<RunId, LiveRun>();
  readonly #app: Pick<App, 'storage' | 'engine'>;

  constructor(app: Pick<App, 'storage' | 'engine'>) {
    this.#app = app;
  }

  /** Exactly these runs from now on. */
  show(ids: readonly RunId[]): void {
    for (const [id, live] of this.#live)
      if (!ids.includes(id)) {
        live.close();
        this.#live.delete(id);
      }
    for (const id of ids) if (!this.#live.has(id)) this.#live.set(id, watchRun(this.#app, id));
  }

  /** Reports in the order in which the runs were chosen, as far as they were read. */
  get reports(): readonly RunReport[] {
    return [...this.#live.values()].flatMap((live) => live.report ?? []);
  }
  get loading(): boolean {
    return [...this.#live.values()].some((live) => live.status === 'loading');
  }
  /** Why one of them could not be read. */
  get problem(): unknown {
    return [...this.#live.values()].find((live) => live.status === 'failed')?.error;
  }

  close(): void {
    this.show([]);
  }
}
