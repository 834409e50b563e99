import { SvelteMap } from 'svelte/reactivity';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { App } from './app.svelte.ts';
import { watchRun, type LiveRun } from './live-run.svelte.ts';

/** Some runs that are looked at beside each other, each as live as on its own page. */
export class ComparedRuns {
  readonly #live = new SvelteMap<RunId, { readonly live: LiveRun; readonly stopHearing: () => void }>();
  readonly #app: Pick<App, 'storage' | 'engine' | 'hints'>;

  constructor(app: Pick<App, 'storage' | 'engine' | 'hints'>) {
    this.#app = app;
  }

  /** Exactly these runs from now on. */
  show(ids: readonly RunId[]): void {
    for (const [id, { live, stopHearing }] of this.#live) {
      if (ids.includes(id)) continue;
      stopHearing();
      live.close();
      this.#live.delete(id);
    }
    for (const id of ids) {
      if (this.#live.has(id)) continue;
      const live = watchRun(this.#app, id);
      // another tab may drive it
      this.#live.set(id, { live, stopHearing: this.#app.hints.on(id, () => void live.catchUp()) });
    }
  }

  get #all(): readonly LiveRun[] {
    return [...this.#live.values()].map(({ live }) => live);
  }
  /** Reports in the order in which the runs were chosen, as far as they were read. */
  get reports(): readonly RunReport[] {
    return this.#all.flatMap((live) => live.report ?? []);
  }
  get loading(): boolean {
    return this.#all.some((live) => live.status === 'loading');
  }
  /** Why one of them could not be read. */
  get problem(): unknown {
    return this.#all.find((live) => live.status === 'failed')?.error;
  }

  close(): void {
    this.show([]);
  }
}
