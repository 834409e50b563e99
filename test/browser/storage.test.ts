import { openStorage } from '#storage/index.ts';
import { runStoreConformance } from '../conformance/store.ts';

runStoreConformance('IndexedDB', openStorage);
