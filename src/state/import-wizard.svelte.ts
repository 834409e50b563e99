import { isAbortError } from '#lib/abort.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { ImportProgress, Mapping, ReadOptions, Table } from '#core/import.ts';
import type { ImportWorker } from '#importers/client.ts';

type Source = { readonly name: string; readonly blob: Blob };

/** Where an import stands. Nothing is stored before `finish`. */
export type ImportStep =
  | { readonly type: 'choose'; readonly error?: unknown }
  | { readonly type: 'reading'; readonly file: string; readonly progress: ImportProgress }
  | {
      readonly type: 'map';
      readonly source: Source;
      readonly table: Table;
      readonly mapping: Mapping;
      readonly preview: Dataset | undefined;
      readonly problem: unknown;
    };

export type ImportTools = {
  readonly worker: Pick<ImportWorker, 'readFile'>;
  guessMapping(table: Table): Mapping;
  applyMapping(table: Table, mapping: Mapping, name: string, importedAt: number): Dataset;
  now(): number;
  save(dataset: Dataset): Promise<void>;
};

/** From a file to a data set: choose, read, say what the columns are, save. One method per arrow. */
export class ImportWizard {
  #step = $state.raw<ImportStep>({ type: 'choose' });
  options = $state.raw<ReadOptions>({});
  name = $state('');
  #reading: AbortController | undefined;
  readonly #tools: () => Promise<ImportTools>;

  constructor(tools: () => Promise<ImportTools>) {
    this.#tools = tools;
  }

  get step(): ImportStep {
    return this.#step;
  }

  /** Reads a file; the last one chosen wins. */
  async read(source: Source, options: ReadOptions = {}): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.options = options;
    this.name = source.name.replace(/\.[^.]*$/, '');
    const show = (step: ImportStep): void => {
      if (this.#reading === reading) this.#step = step;
    };
    show({ type: 'reading', file: source.name, progress: { rows: 0, share: 0 } });
    try {
      const tools = await this.#tools();
      const table = await tools.worker.readFile(
        source,
        options,
        (progress) => show({ type: 'reading', file: source.name, progress }),
        reading.signal,
      );
      show(await this.#mapped(source, table, tools.guessMapping(table)));
    } catch (error) {
      if (!isAbortError(error)) show({ type: 'choose', error });
    }
  }

  /** Reads the same file again with other choices about encoding, delimiter or header. */
  async readAgain(options: ReadOptions): Promise<void> {
    if (this.#step.type === 'map') await this.read(this.#step.source, options);
  }

  async setMapping(mapping: Mapping): Promise<void> {
    if (this.#step.type === 'map') this.#step = await this.#mapped(this.#step.source, this.#step.table, mapping);
  }

  cancel(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#step = { type: 'choose' };
  }

  /** Saves the data set and answers with it. @throws AppError when it cannot be kept. */
  async finish(): Promise<Dataset> {
    if (this.#step.type !== 'map' || !this.#step.preview)
      throw new Error('Bug: an import finished before its columns were known');
    const { table, mapping } = this.#step;
    const tools = await this.#tools();
    const dataset = tools.applyMapping(table, mapping, this.name.trim() || table.source, tools.now());
    await tools.save(dataset);
    this.cancel();
    return dataset;
  }

  async #mapped(source: Source, table: Table, mapping: Mapping): Promise<ImportStep> {
    const tools = await this.#tools();
    try {
      const preview = tools.applyMapping(table, mapping, this.name, tools.now());
      return { type: 'map', source, table, mapping, preview, problem: undefined };
    } catch (problem) {
      if (!(problem instanceof AppError)) throw problem;
      return { type: 'map', source, table, mapping, preview: undefined, problem };
    }
  }
}
