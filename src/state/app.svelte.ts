import type { Dataset } from '#core/example.ts';
import type { DatasetId, RunId } from '#core/id.ts';
import type { DatasetHead } from '#core/library.ts';
import { describeThrown } from '#core/messages.ts';
import { headFrom } from '#core/run-head.ts';
import type { RunBundle, RunHead } from '#core/run.ts';
import type { Conditions } from '#engine/api.ts';
import { openStorage, type Storage } from '#storage/index.ts';
import type { RestoredBackup } from './backup.ts';
import { Driving } from './driving.ts';
import { EngineClient } from './engine-client.ts';
import type { StartEngine } from './opened-engine.ts';
import { RunHints } from './hints.ts';
import { importTools } from './import-tools.ts';
import { ImportWizard } from './import-wizard.svelte.ts';
import { Keys } from './keys.svelte.ts';
import { Keeping } from './keeping.svelte.ts';
import { Network } from './network.svelte.ts';
import { watchPage } from './page-life.ts';
import { Prices } from './prices.ts';
import { Router } from './route.svelte.ts';
import type { DraftStart } from './draft-start.ts';
import { Drafts } from './drafts.svelte.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import { fetchSample, recordedRun, type Sample } from './samples.ts';
import { Secrets } from './secrets.svelte.ts';

export type Theme = 'light' | 'dark' | 'system';
export type Toast = { readonly id: number; readonly text: string; readonly tone?: 'good' | 'bad' };

/** What the screens share. Created once, in main.ts, and handed down by context. */
export class App {
  readonly storage: Storage;
  readonly engine: EngineClient;
  readonly router: Router;
  readonly secrets = new Secrets();
  readonly network: Network;
  readonly keys: Keys;
  readonly wizard = new ImportWizard(() => importTools((dataset) => this.addDataset(dataset)));
  readonly hints = new RunHints();
  readonly driving = new Driving(this);
  readonly drafts: Drafts;
  readonly prices: Prices;
  readonly keeping: Keeping;
  #conditions = $state.raw<Conditions>({ weather: [], blocked: [] });
  #datasets = $state.raw<readonly DatasetHead[]>([]);
  #runs = $state.raw<readonly RunHead[]>([]);
  #toasts = $state.raw<readonly Toast[]>([]);
  /** Never given twice: a toast that has left must not lend its number to the next one. */
  #lastToast = 0;
  #theme = $state<Theme>('system');

  private constructor(storage: Storage, engine: EngineClient, router: Router) {
    this.storage = storage;
    this.engine = engine;
    this.router = router;
    this.network = new Network(storage.settings);
    this.prices = new Prices(storage.settings);
    this.drafts = new Drafts(storage);
    this.keeping = new Keeping(storage);
    engine.onConditions((conditions) => {
      this.#conditions = conditions;
      this.keeping.hear(conditions.safety ?? []);
    });
    this.keys = new Keys(storage.settings, this.secrets, (error) => this.complain(error));
  }

  /** @throws AppError `storage-…` when the browser keeps nothing. */
  static async open(startEngine: StartEngine, router = new Router()): Promise<App> {
    const app = new App(await openStorage(), new EngineClient(startEngine), router);
    const theme = await app.storage.settings.get('theme');
    if (theme === 'light' || theme === 'dark') app.#theme = theme;
    await Promise.all([app.network.open(), app.keys.pull(), app.prices.load(), app.refresh()]);
    watchPage(app);
    void app.keeping.look().catch((error: unknown) => app.complain(error));
    return app;
  }

  get datasets(): readonly DatasetHead[] {
    return this.#datasets;
  }
  get runs(): readonly RunHead[] {
    return this.#runs;
  }
  /** Why nothing happens at the moment, by address and by run. */
  get conditions(): Conditions {
    return this.#conditions;
  }
  get toasts(): readonly Toast[] {
    return this.#toasts;
  }
  get theme(): Theme {
    return this.#theme;
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    void this.storage.settings.set('theme', theme);
  }

  say(text: string, tone?: Toast['tone']): void {
    this.#lastToast += 1;
    this.#toasts = [...this.#toasts, { id: this.#lastToast, text, ...(tone ? { tone } : {}) }];
  }

  /** Says in words what went wrong, where the page has no better place for it. */
  complain(error: unknown): void {
    const { title, sentence, remedy } = describeThrown(error);
    this.say(`${title}. ${sentence} ${remedy}`, 'bad');
  }

  dismiss(id: number): void {
    this.#toasts = this.#toasts.filter((toast) => toast.id !== id);
  }

  // data sets

  async addDataset(dataset: Dataset): Promise<void> {
    await this.storage.library.putDataset(dataset);
    await this.refresh();
  }

  dataset(id: DatasetId): Promise<Dataset | undefined> {
    return this.storage.library.dataset(id);
  }

  async deleteDataset(id: DatasetId): Promise<void> {
    await this.storage.library.deleteDataset(id);
    this.drafts.forget(id);
    await this.refresh();
  }

  /** Imports a built-in sample like any other file, without asking about its columns. */
  async addSample(sample: Sample): Promise<Dataset> {
    const blob = await fetchSample(sample.file);
    const tools = await importTools((dataset) => this.addDataset(dataset));
    const table = await tools.worker.readFile(
      { name: sample.file, blob },
      {},
      () => undefined,
      new AbortController().signal,
    );
    const dataset = tools.applyMapping(table, tools.guessMapping(table), sample.name, tools.now());
    await this.addDataset(dataset);
    return dataset;
  }

  // runs

  /** Sets up a new run on this data set and shows its page. */
  async startDraft(dataset: Dataset, start: DraftStart = {}): Promise<RunDraft> {
    const draft = await this.drafts.open(dataset, start);
    this.router.go({ page: 'new' });
    return draft;
  }

  async deleteRun(id: RunId): Promise<void> {
    if ((await this.engine.driving()).includes(id)) await this.engine.stop(id);
    this.driving.forget(id);
    await this.storage.library.deleteRun(id);
    await this.refresh();
  }

  /** @throws AppError `run-invalid` for a name without a letter, `driven-elsewhere` */
  async renameRun(id: RunId, name: string): Promise<void> {
    await this.engine.rename(id, name);
    const head = headFrom(await this.storage.journal.read(id));
    if (head) await this.storage.library.renameRun(id, head.name);
    await this.refresh();
  }

  /** Opens a whole run from a file. A run that is here already is shown, not written again. */
  async addBundle({ dataset, entries }: RunBundle): Promise<RunId> {
    const head = headFrom(entries);
    if (!head) throw new Error('Bug: a bundle that was not checked');
    const { journal, library } = this.storage;
    // what is here stays: it may have another name by now, and more rows than a file that was made to be passed on
    if (!(await library.dataset(dataset.id))) await library.putDataset(dataset);
    const known = await journal.read(head.id);
    if (known.length === 0) await journal.append(head.id, { next: 0, entries, answers: [], sent: [], settled: [] });
    await library.putRun(headFrom(known) ?? head);
    await this.refresh();
    return head.id;
  }

  /** Brings back runs that were lost from the database. */
  async restoreRuns(): Promise<void> {
    const restored = await this.keeping.restore();
    await this.refresh();
    this.say(
      restored.length === 1 ? `“${restored[0]?.name ?? ''}” is back.` : `${restored.length} runs are back.`,
      'good',
    );
  }

  /** Everything but keys and settings, in one file or, where it is large, in several. */
  async printBackup(): Promise<readonly Blob[]> {
    const { printBackup } = await import('./backup.ts');
    return printBackup(this.storage);
  }

  /** All files of a backup, or some. @throws AppError `import-…` when one of them is none. */
  async restoreBackup(files: readonly File[]): Promise<RestoredBackup> {
    const { restoreBackup } = await import('./backup.ts');
    try {
      return await restoreBackup(files, this.storage);
    } finally {
      await this.refresh(); // those before one that is refused are here
    }
  }

  async openRecordedRun(): Promise<void> {
    const [{ readRunBundle }, blob] = await Promise.all([import('#exporters/index.ts'), fetchSample(recordedRun.file)]);
    const id = await this.addBundle(readRunBundle(await blob.text(), recordedRun.name));
    this.router.go({ page: 'runs', id });
  }

  /** Everything this app keeps in the browser. Runs that are under way are stopped first. */
  async deleteEverything(): Promise<void> {
    for (const id of await this.engine.driving()) await this.engine.stop(id);
    await this.engine.end(); // what it would still write down must not come after
    await this.storage.deleteEverything();
    await this.keys.forget();
    await Promise.all([this.network.open(), this.prices.load()]);
    this.engine.allow(this.network.allowed);
    this.drafts.forget();
    this.#theme = 'system';
    await this.refresh();
  }

  /** Reads the lists of data sets and runs anew. */
  async refresh(): Promise<void> {
    const [datasets, runs] = await Promise.all([this.storage.library.datasets(), this.storage.library.runs()]);
    this.#datasets = datasets;
    this.#runs = runs;
  }
}
