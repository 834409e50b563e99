import type { Migration } from './index.ts';

/** Requests that are under way stand beside the journal: written before they are sent, removed with the event that tells their end. */
export const attempts: Migration = {
  version: 2,
  up(database) {
    database.createObjectStore('attempts');
  },
};
