import { AppError } from '#core/error.ts';
import type { Importer } from '#core/import.ts';
import { textOf } from './encoding.ts';
import { rowsOf } from './json-shape.ts';
import { readJson } from './json-text.ts';
import { inMegabytes, limits } from './limits.ts';
import { tableOfObjects } from './object-table.ts';

/** One JSON document: a list of objects, such a list under a key, or one list per column. */
export const json: Importer = {
  id: 'json',
  label: 'JSON',
  recognize: (head, fileName) => {
    if (/\.json$/i.test(fileName)) return 0.7;
    return /^\s*(?:\[\s*[[{"\d\]]|\{\s*["}])/.test(head) ? 0.65 : 0;
  },
  read: async (file, options, onProgress, signal) => {
    if (file.blob.size > limits.documentBytes)
      throw new AppError('import-too-large', {
        file: file.name,
        place: 'the file',
        size: inMegabytes(file.blob.size),
        limit: inMegabytes(limits.documentBytes),
      });
    let text = '';
    for await (const piece of textOf(file, options.encoding ?? 'utf-8', signal)) text += piece.text;
    const result = readJson(text, file.name);
    if (result.type === 'broken')
      throw new AppError('import-bad-json', { file: file.name, line: result.line, problem: result.problem });
    const { entries, notes } = rowsOf(result.value, file.name);
    const table = tableOfObjects(file.name, entries, { unit: 'item', at: entries.map((_, index) => index + 1) }, notes);
    onProgress({ rows: table.rows.length, share: 1 });
    return table;
  },
};
