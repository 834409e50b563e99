import { expect, it } from 'vitest';
import { expose } from '#lib/rpc.ts';
import type { ImportProgress } from '#core/import.ts';
import { createImportWorker } from '#importers/client.ts';
import type { SourceFile } from '#importers/index.ts';

/** Lets messages arrive that are on their way. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

it('says nothing of the progress once the table is there, however late the last word arrives', async () => {
  const { port1, port2 } = new MessageChannel();
  const table = { source: 'a', columns: [], rows: [], places: [] };
  let late: Promise<void> = Promise.resolve();
  expose(
    {
      readFile(_file: SourceFile, _options: unknown, onProgress: (progress: ImportProgress) => Promise<void>) {
        late = turn().then(() => onProgress({ rows: 3, share: 1 }));
        return { type: 'read', table };
      },
    },
    port2,
  );
  const worker = Object.assign(port1, { terminate: () => undefined }) as unknown as Worker;
  const heard: string[] = [];
  const source = { name: 'a.jsonl', blob: new Blob([]) };
  await createImportWorker(() => worker).readFile(
    source,
    {},
    () => heard.push('progress'),
    new AbortController().signal,
  );
  heard.push('table');
  await late.catch(() => undefined);
  await turn();
  port1.close();
  port2.close();
  expect(heard).toEqual(['table']);
});
