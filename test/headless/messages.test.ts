import { expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#core/error.ts';
import { inLines } from '../../src/headless/messages.ts';
import { errorCodes, samples } from '../support/error-samples.ts';

/** What happens only to a page, or between two of them. */
const ofPages: readonly ErrorCode[] = [
  ...(['provider-cors', 'address-not-named', 'driven-elsewhere'] as const),
  ...(['run-busy', 'run-missing', 'storage-newer', 'address-insecure'] as const),
];

it.each(errorCodes.filter((code) => !ofPages.includes(code)))(
  '%s is told without a browser, a page or a button',
  (code) => {
    const said = inLines(new AppError(code, samples[code]), 'runs');
    expect(said).not.toMatch(/browser|(?:this|the) page|\btabs?\b|\bresume\b|\bpress\b|button|reload|undefined/i);
  },
);

it('a run of an earlier version is told without the menu of the page', () => {
  const said = inLines(new AppError('run-invalid', { problems: ['It is of version 1.'], deed: 'continue' }), 'runs');
  expect(said).toMatch(/^This run cannot go on\. It is of version 1\.\n.*--journal\.$/);
});

it('a folder that cannot be written to is named with the reason', () => {
  expect(inLines(new AppError('storage-full', {}), 'runs')).toContain('No room left. runs has no room left');
  const said = inLines(new AppError('storage-unavailable', { reason: 'EIO: i/o error, write' }), 'runs');
  expect(said).toContain('The folder cannot be used. runs: EIO: i/o error, write\n');
});

it('a mistake of ours is called one', () => {
  expect(inLines(new Error('Bug: x'), undefined)).toContain(
    'Something broke in the program. Bug: x\nThis is a mistake of ours.',
  );
});
