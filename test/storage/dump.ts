import { openDB } from 'idb';

/** A whole database as JSON, told without any code of ours: the layout of its stores and all that stands in them. */
export type Dump = {
  readonly version: number;
  readonly stores: Readonly<Record<string, DumpedStore>>;
};
type DumpedStore = {
  readonly keyPath: string | string[] | null;
  readonly autoIncrement: boolean;
  readonly indexes: Readonly<
    Record<string, { readonly keyPath: string | string[]; readonly unique: boolean; readonly multiEntry: boolean }>
  >;
  readonly records: readonly { readonly key: IDBValidKey; readonly value: unknown }[];
};

export async function dumpDatabase(name: string): Promise<Dump> {
  const database = await openDB(name);
  const stores: Record<string, DumpedStore> = {};
  for (const storeName of [...database.objectStoreNames].sort()) {
    const { store } = database.transaction(storeName);
    const { keyPath, autoIncrement } = store;
    const indexes = Object.fromEntries(
      [...store.indexNames].sort().map((indexName) => {
        const { keyPath: path, unique, multiEntry } = store.index(indexName);
        return [indexName, { keyPath: path, unique, multiEntry }];
      }),
    );
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    stores[storeName] = {
      keyPath,
      autoIncrement,
      indexes,
      records: keys.map((key, index) => ({ key, value: values[index] as unknown })),
    };
  }
  const { version } = database;
  database.close();
  return { version, stores };
}

export async function restoreDatabase(name: string, dump: Dump): Promise<void> {
  const database = await openDB(name, dump.version, {
    upgrade(upgraded, _from, _to, transaction) {
      for (const [storeName, { keyPath, autoIncrement, indexes }] of Object.entries(dump.stores)) {
        const store = upgraded.createObjectStore(storeName, { keyPath, autoIncrement });
        for (const [indexName, { keyPath: path, ...options }] of Object.entries(indexes))
          store.createIndex(indexName, path, options);
      }
      for (const [storeName, { keyPath, records }] of Object.entries(dump.stores))
        for (const { key, value } of records)
          void transaction.objectStore(storeName).put(value, keyPath === null ? key : undefined);
    },
  });
  database.close();
}
