import { describe, expect, it } from 'vitest';
import { describeThrown } from '#core/messages.ts';
import { closedByBrowser, closedByUs, heldOpen, silent, toOpeningError, toStorageError } from '#storage/errors.ts';

const wrongWay = /private|allow site data|keeps nothing|does not let/i;
const said = (error: unknown): string => Object.values(describeThrown(error)).join('\n');

describe('what a person is told to do', () => {
  it.each([
    ['a write that was never reported', silent()],
    ['a database that the browser closed', closedByBrowser()],
    ['a page whose storage was closed', closedByUs()],
    ['a database that failed', toStorageError(new DOMException('at commit', 'UnknownError'))],
    ['a database that cannot be opened', toOpeningError(new DOMException('Internal error', 'UnknownError'))],
  ])('about %s is to load the page again', (_, error) => {
    expect(describeThrown(error).remedy).toMatch(/load (?:the|this) page again/i);
    expect(said(error)).not.toMatch(wrongWay);
  });

  it('about another tab in the way is to close it or load it again', () => {
    expect(describeThrown(heldOpen()).remedy).toMatch(/other tabs/);
    expect(said(heldOpen())).not.toMatch(wrongWay);
  });

  it('about a browser that lets the page store nothing is to let it', () => {
    const blocked = toOpeningError(new DOMException('The operation is insecure.', 'SecurityError'));
    expect(said(blocked)).toMatch(/private browsing/);
    expect(said(blocked)).toContain('The operation is insecure.');
  });
});
