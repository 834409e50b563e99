import { appName } from './origin.ts';

const place = `${appName}:tab`;

/**
 * A word that this tab finds again after a reload and that no other tab sees; a tab that is duplicated begins with the same. Never a
 * secret, and nothing that somebody wrote: a name of something that is kept elsewhere. Undefined also where the browser keeps nothing.
 */
export function readTabNote(): string | undefined {
  try {
    return sessionStorage.getItem(place) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeTabNote(word: string): void {
  try {
    sessionStorage.setItem(place, word);
  } catch {
    // not there, or refused: then a reload begins as a new tab does
  }
}
