import { isAbortError } from '#lib/abort.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { ImportProgress, Mapping, ReadOptions, Table } from '#core/import.ts';
import type { ImportWorker } from '#importers/client.ts';
import type { ColumnFacts } from '#importers/mapping.ts';

export type { ColumnFacts };
type Source = { readonly name: string; readonly blob: Blob };

/** Where an import stands. Nothing is stored before `finish`. */
export type ImportStep =
  /** `source`: the file that could not be read; other options may help. */
  | { readonly type: 'choose'; readonly error?: unknown; readonly source?: Source }
  | { readonly type: 'reading'; readonly file: string; readonly progress: ImportProgress }
  | {
      readonly type: 'map';
      readonly source: Source;
      readonly table: Table;
      readonly facts: readonly ColumnFacts[];
      readonly mapping: Mapping;
      readonly preview: Dataset | undefined;
      readonly problem: unknown;
    };

type MapStep = Extract<ImportStep, { type: 'map' }>;
type Read = Pick<MapStep, 'source' | 'table' | 'facts'>;

export type ImportTools = {
  readonly worker: Pick<ImportWorker, 'readFile'>;
  guessMapping(table: Table): Mapping;
  guessTargetIs(
    table: Table,
    target: string,
    choices: NonNullable<Mapping['choices']>,
  ): NonNullable<Mapping['targetIs']>;
  applyMapping(table: Table, mapping: Mapping, name: string, importedAt: number): Dataset;
  columnFacts(table: Table): readonly ColumnFacts[];
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
      const read = { source, table, facts: tools.columnFacts(table) };
      show(this.#mapped(tools, read, tools.guessMapping(table)));
    } catch (error) {
      if (!isAbortError(error)) show({ type: 'choose', error, source });
    }
  }

  /** Reads the same file again with other choices about encoding, delimiter or header. */
  async readAgain(options: ReadOptions): Promise<void> {
    const { name } = this;
    if (this.#step.type === 'reading' || !this.#step.source) return;
    const reading = this.read(this.#step.source, options);
    this.name = name; // it may have been given another one already
    await reading;
  }

  async setMapping(mapping: Mapping): Promise<void> {
    const tools = await this.#tools();
    if (this.#step.type !== 'map') return;
    const [target, ...more] = mapping.target;
    const { choices } = mapping;
    const named = choices && !mapping.targetIs && target !== undefined && more.length === 0;
    const targetIs = named ? { targetIs: tools.guessTargetIs(this.#step.table, target, choices) } : {};
    this.#step = this.#mapped(tools, this.#step, { ...mapping, ...targetIs });
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

  #mapped(tools: ImportTools, { source, table, facts }: Read, mapping: Mapping): MapStep {
    const step = { type: 'map', source, table, facts, mapping } as const;
    try {
      return { ...step, preview: tools.applyMapping(table, mapping, this.name, tools.now()), problem: undefined };
    } catch (problem) {
      if (!(problem instanceof AppError)) throw problem;
      return { ...step, preview: undefined, problem };
    }
  }
}
