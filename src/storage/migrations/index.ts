import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { assert } from '#lib/assert.ts';
import { initial } from './001-initial.ts';
import { attempts } from './002-attempts.ts';

/**
 * One step of the schema. Written in plain names and not in terms of `Schema`, which describes today and not the day of the step.
 * Synchronous on purpose: a rejected promise would not abort the upgrade, and half of a step would be committed. What must be
 * converted is converted when it is read; facts that were paid for are never rewritten.
 */
export type Migration = {
  readonly version: number;
  up(database: IDBPDatabase, transaction: IDBPTransaction<unknown, string[], 'versionchange'>): void;
};

/** In order, without gaps. A step that was released is never edited: add the next one. */
export const migrations: readonly Migration[] = [initial, attempts];

migrations.forEach(({ version }, index) =>
  assert(version === index + 1, `migration ${version} stands in the place of ${index + 1}`),
);

export const schemaVersion = migrations.length;
