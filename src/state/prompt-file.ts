import { AppError } from '#core/error.ts';

const largest = 2_000_000;

/**
 * Prompts out of a file: the export of a run, a list of texts in JSON, or a text file with a line of `---` between two prompts.
 * @throws AppError with an `import-…` code.
 */
export async function readPromptFile(file: File): Promise<readonly string[]> {
  if (file.size > largest)
    throw new AppError('import-too-large', {
      file: file.name,
      place: 'the whole file',
      size: `${(file.size / 1e6).toFixed(1)} MB`,
      limit: `${largest / 1e6} MB for a list of prompts`,
    });
  const text = await file.text();
  if (text.trim() === '') throw new AppError('import-empty-file', { file: file.name });
  if (/\.(txt|md)$/i.test(file.name)) return nonEmpty(text.split(/^---+\s*$/m));
  const { readPrompts } = await import('#exporters/best-prompts.ts');
  return nonEmpty(readPrompts(text, file.name));
}

const nonEmpty = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => text.trim()).filter((text) => text !== '');
