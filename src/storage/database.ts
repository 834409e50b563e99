import { deleteDB, openDB, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { AppError } from '#core/error.ts';
import { closedByBrowser, closedByUs, heldOpen, isPoisoned, silent, toOpeningError, toStorageError } from './errors.ts';
import { migrations, schemaVersion } from './migrations/index.ts';
import { unlessBlocked, withPatience } from './patience.ts';
import type { Schema } from './schema.ts';

/** How long another connection may stand in the way of opening or deleting. */
const blockedSeconds = 3;
/** How long a write may stay without a word: after a full disk, Chromium was seen to never report the end of a transaction. */
const silenceSeconds = 10;

type Stores = ArrayLike<StoreNames<Schema>>;
type Transaction<S extends Stores, Mode extends IDBTransactionMode> = IDBPTransaction<Schema, S, Mode>;

/** A database that is opened when it is needed. Work may await requests of its transaction and nothing else. */
export type Database = {
  read<const S extends Stores, T>(stores: S, work: (transaction: Transaction<S, 'readonly'>) => Promise<T>): Promise<T>;
  /**
   * All that `work` writes, or nothing of it; on disk when it resolves. What `work` throws undoes it. `relaxed`: kept by the browser when
   * it resolves, whatever becomes of the page or the browser, and on disk with the next strict write.
   */
  write<const S extends Stores, T>(
    stores: S,
    work: (transaction: Transaction<S, 'readwrite'>) => Promise<T>,
    durability?: 'strict' | 'relaxed',
  ): Promise<T>;
  /** Removes the database with everything in it. The next use begins an empty one. */
  remove(): Promise<void>;
  close(): void;
};

/**
 * `onEnd`: told once when nothing can be kept any more until the page is loaded again. `as-it-is`: for reading a database of any version.
 * @throws AppError `storage-newer`, `storage-unavailable` or `storage-full`
 */
export async function openDatabase(
  name: string,
  onEnd: () => void = () => undefined,
  version: number | 'as-it-is' = schemaVersion,
): Promise<Database> {
  let connection: Promise<IDBPDatabase<Schema>> | undefined;
  let removal: Promise<void> = Promise.resolve();
  /** Set once, for good: why nothing can be kept any more. */
  let ended: AppError | undefined;

  const fail = (error: AppError): AppError => {
    if (!ended) onEnd();
    return (ended ??= error);
  };

  /** Every use goes through here, by the same number of steps: so they come to the database in the order in which they were called. */
  const connect = (): Promise<IDBPDatabase<Schema>> => {
    if (ended) return Promise.reject(ended);
    return removal.then(() => (connection ??= connectAnew()));
  };

  const connectAnew = (): Promise<IDBPDatabase<Schema>> =>
    open(name, version, {
      // another tab upgrades or deletes: the next use opens again and learns what became of it
      released: () => (connection = undefined),
      lost: () => fail(closedByBrowser()),
    }).catch((error: unknown) => {
      connection = undefined;
      throw error;
    });

  /** Calls made before this one are through when it resolves. */
  const disconnect = (): Promise<void> =>
    removal
      .then(() => connection)
      .then(
        (open) => open?.close(),
        () => undefined,
      )
      .then(() => (connection = undefined));

  await connect();
  return {
    async read(stores, work) {
      const database = await connect();
      try {
        const transaction = database.transaction(stores);
        transaction.done.catch(() => undefined); // the failed request says it
        return await work(transaction);
      } catch (error) {
        throw isPoisoned(error) ? fail(toOpeningError(error)) : toStorageError(error);
      }
    },

    async write(stores, work, durability = 'strict') {
      const database = await connect();
      try {
        // 'strict': with the default, Chromium keeps a commit in memory for tens of seconds, and a power cut takes it
        const transaction = database.transaction(stores, 'readwrite', { durability });
        return await withPatience(complete(transaction, work), silenceSeconds, () => fail(silent()));
      } catch (error) {
        throw isPoisoned(error) ? fail(toOpeningError(error)) : toStorageError(error);
      }
    },

    remove() {
      const removing = disconnect()
        .then(() => unlessBlocked((blocked) => deleteDB(name, { blocked }), blockedSeconds, heldOpen))
        .catch((error: unknown) => Promise.reject(toOpeningError(error)));
      removal = removing.catch(() => undefined);
      return removing;
    },

    close() {
      void disconnect();
      ended ??= closedByUs();
    },
  };
}

/** A request that succeeded is not yet kept (a full disk shows at the end): only the end of the transaction counts. */
async function complete<S extends Stores, T>(
  transaction: Transaction<S, 'readwrite'>,
  work: (transaction: Transaction<S, 'readwrite'>) => Promise<T>,
): Promise<T> {
  const { done } = transaction;
  done.catch(() => undefined); // it may end before anybody waits for it
  try {
    const result = await work(transaction);
    await done;
    return result;
  } catch (error) {
    // the requests of a transaction that the browser aborted say only "AbortError"; the reason stands at the transaction
    const reason = transaction.error ?? error;
    try {
      transaction.abort();
    } catch {
      // it has ended already
    }
    await done.catch(() => undefined);
    throw reason;
  }
}

async function open(
  name: string,
  version: number | 'as-it-is',
  on: { readonly released: () => void; readonly lost: () => void },
  tries = 2,
): Promise<IDBPDatabase<Schema>> {
  let isOurAbort = false;
  try {
    return await unlessBlocked(
      (blocked) =>
        openDB<Schema>(name, version === 'as-it-is' ? undefined : version, {
          upgrade(database, from, _to, transaction) {
            transaction.done.catch(() => undefined); // opening says it
            isOurAbort = true; // until it is through
            if (version === 'as-it-is') {
              transaction.abort(); // there was none
              return;
            }
            for (const step of migrations)
              if (step.version > from) step.up(database as unknown as IDBPDatabase, transaction as never);
            isOurAbort = false;
          },
          blocked,
          blocking(_from, _to, event) {
            on.released();
            (event.target as IDBDatabase).close();
          },
          terminated: on.lost,
        }),
      blockedSeconds,
      heldOpen,
      (database) => database.close(),
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === 'VersionError')
      throw new AppError('storage-newer', { found: await versionOf(name), known: schemaVersion }, error);
    // a browser that is not through with clearing the data of the site closes what is opened meanwhile: nothing is there to be lost
    const isClosed = error instanceof DOMException && error.name === 'AbortError' && !isOurAbort;
    if (isClosed && tries > 1) return open(name, version, on, tries - 1);
    throw toOpeningError(error);
  }
}

/** Opening without a version takes the one that is there and changes nothing. */
async function versionOf(name: string): Promise<number> {
  const database = await openDB(name);
  database.close();
  return database.version;
}
