import { isAppError, type AppError, type ErrorCode, type ErrorDetails } from '#core/error.ts';
import { describeThrown, type Message } from '#core/messages.ts';

/** Where the words of the app speak of something that is not here: a button to go on with, a setting of a form. */
const own: { readonly [Code in ErrorCode]?: Partial<Message> } = {
  'provider-rate-limited': { remedy: 'Try again later, or with a lower --concurrency.' },
  'provider-quota': { remedy: 'Add credit or raise the limit at your provider.' },
  'provider-overloaded': { remedy: 'Try again in a few minutes.' },
  'provider-parameter': { remedy: 'When the run goes on, it does without it.' },
  'budget-spent': { remedy: 'Give it more: --calls, --tokens, --cost, --minutes or --rounds.' },
  'answers-unbounded': { remedy: 'Give --calls without --tokens and --cost, or use another server.' },
  'too-many-failures': {
    remedy:
      'Check the template and the model. When the run goes on, it leaves these rows out, and stops again only when twice as many fail.',
  },
  'answers-unreadable': {
    remedy:
      'Say in the template what an answer must look like, or how it is read: --read-after, --read-tag, --read-json or --read-last-line.',
  },
  'call-lost-often': { remedy: 'Check the server. When the run goes on, it is tried again.' },
  'logprobs-missing': {
    remedy: 'When the run goes on, it does without them: right and wrong are counted, cross entropy is left out.',
  },
  'app-broke': {
    title: 'Something broke in the program',
    remedy: 'This is a mistake of ours. What was kept with --journal is still there.',
  },
  'retries-spent': { remedy: 'Each may be charged, so nothing more is sent. Check the server.' },
};

/** What is wrong with the folder of --journal; the app speaks of what its browser keeps. */
function ofFolder(thrown: AppError, folder: string): Partial<Message> | undefined {
  if (thrown.code === 'storage-full')
    return {
      sentence: `${folder} has no room left to keep results, so nothing more is sent.`,
      remedy: 'Free disk space there.',
    };
  if (thrown.code !== 'storage-unavailable') return undefined;
  const { reason } = thrown.details as ErrorDetails['storage-unavailable'];
  return {
    title: 'The folder cannot be used',
    sentence: `${folder}: ${reason}`,
    remedy: 'See that it is there and can be written to, or name another one.',
  };
}

/** A run of an earlier version: the app speaks of a menu. */
function ofRun(thrown: AppError): Partial<Message> | undefined {
  if (thrown.code !== 'run-invalid') return undefined;
  const { deed } = thrown.details as ErrorDetails['run-invalid'];
  return deed === 'continue'
    ? { remedy: 'What it found stays. Begin a new run, with another folder for --journal.' }
    : undefined;
}

/**
 * Whatever was thrown, in the words of the app; in those of the command line where the app's speak of a page.
 * @param folder of --journal
 */
export const messageOf = (thrown: unknown, folder = 'The folder'): Message => ({
  ...describeThrown(thrown),
  ...own[isAppError(thrown) ? thrown.code : 'app-broke'],
  ...(isAppError(thrown) ? { ...ofRun(thrown), ...ofFolder(thrown, folder) } : undefined),
});

/** The same in lines. */
export function inLines(thrown: unknown, folder: string | undefined): string {
  const { title, sentence, remedy } = messageOf(thrown, folder);
  return `${title}. ${sentence}\n${remedy}`;
}
