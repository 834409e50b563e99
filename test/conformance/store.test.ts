import 'fake-indexeddb/auto';
import { openStorage } from '#storage/index.ts';
import { emptyContents, memoryStorage, type MemoryContents } from '#storage/memory.ts';
import { runStoreConformance } from './store.ts';

const memories = new Map<string, MemoryContents>();

runStoreConformance('memory', (name) => {
  const contents = memories.get(name) ?? emptyContents();
  memories.set(name, contents);
  return Promise.resolve(memoryStorage(contents));
});

runStoreConformance('IndexedDB in Node', openStorage);
