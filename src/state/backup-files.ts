/**
 * Data sets, runs with their journals, and the answers that the journals name. No keys and no settings. What belongs together may lie
 * in different files: each is a backup by itself, and what all of them hold comes together when they are restored.
 */
export const backupFormat = 'automated-prompt-generator/backup';

type Part = 'datasets' | 'runs' | 'answers';

/** Files that are filled one after the other. In bytes, because the whole may be larger than one text can be. */
export class BackupFiles {
  readonly #largest: number;
  readonly #full: Blob[] = [];
  #parts = emptyParts();
  #bytes = 0;

  constructor(largest: number) {
    this.#largest = largest;
  }

  add(part: Part, item: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(item));
    if (this.#bytes > 0 && this.#bytes + text.length > this.#largest) this.#close();
    this.#parts[part].push(text);
    this.#bytes += text.length + 1;
  }

  all(): readonly Blob[] {
    if (this.#bytes > 0 || this.#full.length === 0) this.#close();
    return this.#full;
  }

  #close(): void {
    const { datasets, runs, answers } = this.#parts;
    const listed = (texts: readonly BlobPart[]): readonly BlobPart[] =>
      texts.flatMap((text, at) => (at === 0 ? [text] : [',', text]));
    const start = `{"format":"${backupFormat}","version":1,"datasets":[`;
    const pieces = [
      start,
      ...listed(datasets),
      '],"runs":[',
      ...listed(runs),
      '],"answers":[',
      ...listed(answers),
      ']}\n',
    ];
    this.#full.push(new Blob(pieces, { type: 'application/json' }));
    this.#parts = emptyParts();
    this.#bytes = 0;
  }
}

const emptyParts = (): Readonly<Record<Part, BlobPart[]>> => ({ datasets: [], runs: [], answers: [] });
