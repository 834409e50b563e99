import type { DatasetId, ExampleId } from './id.ts';

/** One labelled row. */
export type Example = {
  readonly id: ExampleId;
  readonly inputs: Readonly<Record<string, string>>;
  /** Accepted answers; any one of them is right. Never empty. With `choices`, the letter of the right one. */
  readonly targets: readonly string[];
  /** Options of a multiple-choice row, in order; their letters are A, B, C … */
  readonly choices?: readonly string[];
};

export type Split = 'train' | 'validation' | 'test';
export const splits = ['train', 'validation', 'test'] as const satisfies readonly Split[];
export type SplitIds = Readonly<Record<Split, readonly ExampleId[]>>;

/** An imported evaluation set. Immutable: another mapping or another row makes another data set with another id. */
export type Dataset = {
  readonly id: DatasetId;
  readonly name: string;
  /** Where the rows came from, as a person would say it: the file's name, or the sample's. */
  readonly source: string;
  readonly examples: readonly Example[];
  /** Names of the inputs that a template can use, in the order of the columns. */
  readonly fields: readonly string[];
  /** What the importer had to say about the file: rows left out, encodings guessed … */
  readonly notes: readonly ImportNote[];
  readonly importedAt: number;
};

/** Something the person should know about a file that could be read. `message` names the place and the way out. */
export type ImportNote = {
  readonly code: ImportNoteCode;
  readonly message: string;
  /** Lines of the file, counted from 1; at most the first hundred. */
  readonly lines?: readonly number[];
  /** Entries of a JSON list, counted from 1; at most the first hundred. */
  readonly items?: readonly number[];
};
export type ImportNoteCode =
  | 'encoding-guessed'
  | 'duplicate-header'
  | 'empty-header'
  | 'no-header'
  | 'ragged-rows'
  | 'control-characters'
  | 'bad-line'
  | 'missing-target'
  | 'missing-input'
  | 'not-an-object'
  | 'duplicate-id'
  | 'duplicate-row'
  | 'conflicting-target'
  | 'number-not-exact'
  | 'not-strict-json'
  | 'unwrapped'
  | 'columns-to-rows'
  | 'lists-to-rows'
  | 'rows-left-out';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** The letter of the option at this place: 0 → A. */
export const letterOf = (index: number): string => letters[index] ?? String(index + 1);

/** Options as lettered lines, the way multiple-choice questions are written. */
export const letteredChoices = (choices: readonly string[]): string =>
  choices.map((choice, index) => `${letterOf(index)}. ${choice}`).join('\n');

/** The rows that a search may learn from, in the order of the split. */
export function trainRows({ examples }: Dataset, { train }: SplitIds): readonly Example[] {
  const byId = new Map(examples.map((example) => [example.id, example]));
  return train.flatMap((id) => byId.get(id) ?? []);
}
