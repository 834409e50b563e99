import type { Migration } from './index.ts';

export const initial: Migration = {
  version: 1,
  up(database) {
    database.createObjectStore('journal');
    database.createObjectStore('answers');
    database.createObjectStore('datasets');
    database.createObjectStore('rows');
    database.createObjectStore('runs');
    database.createObjectStore('settings');
  },
};
