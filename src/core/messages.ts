import { AppError, type ErrorCode, type ErrorDetails } from './error.ts';
import { oddInKeys } from './fields.ts';
import type { AnswerReading } from './task.ts';

/** What a person is told: what happened, where, and what to do. The same words in the app and on the command line. */
export type Message = { readonly title: string; readonly sentence: string; readonly remedy: string };

const list = (names: readonly string[], most = 8): string =>
  names.length === 0
    ? 'none'
    : names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');

const invalidWords = {
  start: { title: 'This run cannot start', remedy: 'Change these settings and start again.' },
  continue: {
    title: 'This run cannot go on',
    remedy:
      'What it found stays. “Use these settings again” under “More” begins a new run with the same data and settings.',
  },
  change: { title: 'Nothing was changed', remedy: 'Change it to something that fits, or leave it as it is.' },
  rows: {
    title: 'The rows are gone',
    remedy: 'Import the same file again with the same columns: its rows are known by what they say. Then try again.',
  },
} as const;

const messages: { readonly [Code in ErrorCode]: (details: ErrorDetails[Code]) => Message } = {
  'provider-unauthorized': ({ host, unsendable }) =>
    unsendable
      ? {
          title: 'The key cannot be sent',
          sentence: `The API key for ${host} holds a character that no key has, such as ${oddInKeys}. Nothing was sent.`,
          remedy: 'Copy the key again at your provider, whole and by itself, and enter it again.',
        }
      : {
          title: 'The key was refused',
          sentence: `${host} does not accept this API key.`,
          remedy: 'Check the key for missing characters, or make a new one at your provider, and enter it again.',
        },
  'provider-forbidden': ({ host, said }) => ({
    title: 'Not allowed',
    sentence: `${host} knows the key but refuses the request: ${said}`,
    remedy: 'Check what this key may do (project, model, country) at your provider, or use another model.',
  }),
  'provider-unreachable': ({ url }) => ({
    title: 'No connection',
    sentence: `No answer from ${url}.`,
    remedy: 'Check the address and that you are online. For a server on this machine: is it running, on this port?',
  }),
  'address-not-named': ({ origins }) => ({
    title: 'An address that you have not named yet',
    sentence: `This run would send its prompts and rows to ${list(origins)}. Nothing was sent.`,
    remedy: 'Open the run and press Resume there, if that is where they should go.',
  }),
  'provider-cors': ({ url, origin }) => ({
    title: 'The server does not let this page in',
    sentence: `${url} answers, but does not allow pages from ${origin} (CORS).`,
    remedy: `Allow the origin ${origin} in the settings of the server (Ollama: OLLAMA_ORIGINS, LM Studio: “Enable CORS”). Some providers also answer a wrong key like this.`,
  }),
  'provider-wrong-address': ({ url, status, suggestion }) => ({
    title: 'Wrong address',
    sentence: `${url} answered ${status === 200 ? 'with something else than an API' : `“not found” (${status})`}.`,
    remedy: suggestion
      ? `Use ${suggestion} instead: it answers as an API does.`
      : 'The base URL usually ends in /v1, such as https://api.openai.com/v1 or http://localhost:11434/v1.',
  }),
  'provider-model-unknown': ({ model, known }) => ({
    title: 'Unknown model',
    sentence: `The server has no model “${model}”.`,
    remedy: known.length > 0 ? `It offers: ${list(known)}.` : 'Check the spelling of the model.',
  }),
  'provider-rate-limited': ({ retryAfterMs }) => ({
    title: 'Too many requests',
    sentence: `The provider limits how much may be asked${retryAfterMs === undefined ? '' : `; it says to wait ${Math.ceil(retryAfterMs / 1000)} s`}.`,
    remedy: 'Resume later, or lower “Calls at the same time”.',
  }),
  'provider-quota': ({ said, of }) => ({
    title: of === undefined ? 'The credit is used up' : `The limit of the ${of} is reached`,
    sentence: `The provider refuses ${of === undefined ? 'for want of credit' : `because of a spending limit of the ${of}`}: ${said}`,
    remedy: 'Add credit or raise the limit at your provider, then press Resume. Nothing is lost.',
  }),
  'provider-overloaded': ({ status }) => ({
    title: 'The provider is overloaded',
    sentence: `It answered with the error ${status} several times.`,
    remedy: 'Press Resume in a few minutes. Nothing is lost.',
  }),
  'provider-redirects': ({ url }) => ({
    title: 'The address sends one elsewhere',
    sentence: `${url} answers with a redirect. It is not followed: the prompts would go to a place that nobody chose.`,
    remedy: 'Enter the address that it leads to, if you trust it. Often only http:// has to become https://.',
  }),
  'provider-parameter': ({ parameter, said }) => ({
    title: 'The model refuses a parameter',
    sentence: `It does not take “${parameter}” as it was sent: ${said}`,
    remedy: 'Press Resume to go on without it. Answers that are here already stay.',
  }),
  'provider-rejected': ({ status, said }) => ({
    title: 'The request was refused',
    sentence: `The server answered ${status}: ${said}`,
    remedy: 'Check the model and its options.',
  }),
  'provider-bad-answer': ({ found }) => ({
    title: 'Not an answer',
    sentence: `The server sent something that is no chat completion: ${found}`,
    remedy: 'Check that the base URL is that of an OpenAI-compatible API.',
  }),
  'provider-timeout': ({ afterMs }) => ({
    title: 'No answer in time',
    sentence: `The model did not answer within ${Math.round(afterMs / 1000)} s.`,
    remedy: 'Try again, raise the time limit, or use a faster model.',
  }),
  'row-too-long': ({ said }) => ({
    title: 'Too long for the model',
    sentence: `A row does not fit into the model's context: ${said}`,
    remedy: 'Shorten the row or choose a model with a longer context.',
  }),
  'row-filtered': ({ said }) => ({
    title: 'Refused by the provider’s rules',
    sentence: `The provider does not answer this row: ${said}`,
    remedy: 'Change the row or leave it out, or use another model.',
  }),
  'import-empty-file': ({ file }) => ({
    title: 'The file is empty',
    sentence: `${file} is empty: there is nothing in it but, at most, blank space.`,
    remedy: 'Choose another file, or save it again from where it came from.',
  }),
  'import-not-text': ({ file, found, remedy }) => ({
    title: 'Not a text file',
    sentence: `${file} is ${found}, not a CSV or JSON text.`,
    remedy,
  }),
  'import-encoding': ({ file, encoding }) => ({
    title: 'The characters cannot be read',
    sentence: `${file} is not valid ${encoding}.`,
    remedy: 'Choose the encoding by hand, or save the file again as UTF-8.',
  }),
  'import-no-rows': ({ file, columns }) => ({
    title: 'No data rows',
    sentence: `${file} has the columns ${list(columns)}, but no data row below them.`,
    remedy: 'Add rows, or say that the first line is data if it is no header.',
  }),
  'import-malformed': ({ file, line, expected, found }) => ({
    title: 'The file cannot be read',
    sentence: `${file}, line ${line}: ${expected} was expected, ${found} was found.`,
    remedy: 'Mend that line and import the file again.',
  }),
  'import-unclosed-quote': ({ file, line }) => ({
    title: 'A quote is never closed',
    sentence: `${file}: the quote opened on line ${line} is never closed.`,
    remedy: 'Close it, or double it ("") where it is part of the text.',
  }),
  'import-bad-json': ({ file, line, problem }) => ({
    title: 'Not valid JSON',
    sentence: `${file}, line ${line}: ${problem}`,
    remedy: 'Mend that line and import the file again.',
  }),
  'import-wrong-shape': ({ file, found }) => ({
    title: 'No rows in this JSON',
    sentence: `${file}: ${found}`,
    remedy: 'A list of objects is wanted: [{"text": "…", "label": "…"}, …], or one object a line.',
  }),
  'import-too-deep': ({ file, place, allowed }) => ({
    title: 'Nested too deep',
    sentence: `${file}, ${place}: objects are nested more than ${allowed} deep.`,
    remedy: 'Keep only the fields that the task needs.',
  }),
  'import-too-large': ({ file, place, size, limit, remedy }) => ({
    title: 'Too large',
    sentence: `${file}, ${place}: ${size}; the limit is ${limit}.`,
    remedy: remedy ?? 'Use a sample of the rows: a few hundred are enough to tune a prompt.',
  }),
  'import-no-examples': ({ file, reason }) => ({
    title: 'No usable rows',
    sentence: `${file}: ${reason}`,
    remedy: 'Say which column holds the right answer and which ones are inputs.',
  }),
  'import-not-ours': ({ file, wanted, problem }) => ({
    title: `Not ${wanted}`,
    sentence: `${file}: ${problem}`,
    remedy: `Choose a file that this app has exported as ${wanted}.`,
  }),
  'template-unknown-field': ({ field, known }) => ({
    title: 'Unknown field',
    sentence: `The template names {{${field}}}, which the data does not have.`,
    remedy: `Fields of the data: ${list(known)}.`,
  }),
  'run-invalid': ({ problems, deed }) => ({ sentence: problems.join(' '), ...invalidWords[deed ?? 'start'] }),
  'app-broke': ({ said }) => ({
    title: 'Something broke in the app',
    sentence: said,
    remedy: 'This is a mistake of ours. Reload the page; what was saved is still there.',
  }),
  'address-insecure': ({ address }) => ({
    title: 'This address is not secure',
    sentence: `${address} is plain http on another machine. There browsers withhold what a run needs: that one tab drives at a time, and that keys can be kept safely.`,
    remedy: 'Open the app over https, or on this computer as http://localhost.',
  }),
  'run-busy': ({ run }) => ({
    title: 'Running in another tab',
    sentence: `The run ${run} is driven by another tab of this browser.`,
    remedy: 'Go on there, or close that tab and try again.',
  }),
  'run-missing': ({ run }) => ({
    title: 'No such run',
    sentence: `There is no run ${run} in this browser.`,
    remedy: 'It may have been deleted. Open the list of runs.',
  }),
  'budget-spent': ({ limit }) => ({
    title: 'The budget is spent',
    sentence: `The limit of ${limit} is reached.`,
    remedy: 'Change the budget and press Resume, or start a new run with a larger one.',
  }),
  'answers-unbounded': ({ models }) => ({
    title: 'A limit that would not hold',
    sentence: `${list(models)} ${models.length === 1 ? 'takes' : 'take'} no limit on the length of an answer (neither max_tokens nor max_completion_tokens), so that long answers under way together could pass a limit of tokens or dollars before one of them is counted.`,
    remedy: 'Empty the limits of tokens and dollars, limit the calls instead, and press Resume. Or use another server.',
  }),
  'storage-full': () => ({
    title: 'No room left',
    sentence: 'The browser has no room left to keep results, so nothing more is sent.',
    remedy: 'Delete old runs or data sets, or free disk space, then press Resume.',
  }),
  'storage-unavailable': ({ reason, title, remedy }) => ({
    title: title ?? 'The browser keeps nothing',
    sentence: title === undefined ? `This browser does not let the page store data: ${reason}` : reason,
    remedy: remedy ?? 'Leave private browsing, or allow site data for this page.',
  }),
  'folder-busy': ({ folder, file, process }) => ({
    title: 'The folder is in use',
    sentence: `${folder} is used by another process (${process === undefined ? 'its lock does not say which' : `number ${process}`}).`,
    remedy: `Wait until it has ended, or name another folder. If there is no such process, delete the file ${file}.`,
  }),
  'storage-newer': ({ found, known }) => ({
    title: 'Made by a newer version',
    sentence: `The data in this browser has version ${found}; this page knows versions up to ${known}.`,
    remedy: 'Reload the page to get the newest version. The data was not touched.',
  }),
  'too-many-failures': ({ failed, of, last }) => ({
    title: 'Too many rows fail',
    sentence: `${failed} of ${of} rows were refused by the model. The last time it said: ${last}`,
    remedy:
      'Check the template and the model. Resume goes on without these rows, and stops again only when twice as many fail; “Ask failed rows again” asks them once more.',
  }),
  'answers-unreadable': ({ unreadable, of, proposal }) => ({
    title: 'Many answers cannot be read',
    sentence: `Even of the most readable starting prompt, ${unreadable} of ${of} answers hold nothing that can be compared with the right one.`,
    remedy: proposal
      ? `Look at the samples: ${readingInWords(proposal)} would read most of them. Nothing is paid for again. Or press Resume to go on as it is.`
      : 'Look at the samples and say in the template what an answer must look like, or press Resume to go on as it is.',
  }),
  'call-lost-often': ({ times }) => ({
    title: 'A request is lost again and again',
    sentence: `The same request was cut off ${times} times, and may have been charged each time.`,
    remedy: 'Press Resume to try it again, or stop the run.',
  }),
  'logprobs-missing': ({ model }) => ({
    title: 'No probabilities any more',
    sentence: `${model} gave probabilities of its words when it was asked for them, but its answers hold none.`,
    remedy: 'Press Resume to go on without them: right and wrong are counted, cross entropy is left out.',
  }),
  'retries-spent': ({ failed, answered, last }) => ({
    title: 'Too many requests fail',
    sentence: `${failed} requests came to nothing beside ${answered} answers. The last time: ${last}`,
    remedy: 'Each may be charged, so the run waits. Check the server, then press Resume.',
  }),
  'call-aborted': () => ({
    title: 'Stopped under way',
    sentence: 'The request was cut off because the run was stopped. It may be charged.',
    remedy: 'Nothing needs to be done.',
  }),
  'driven-elsewhere': () => ({
    title: 'Another tab is at work',
    sentence: 'Another tab of this app drives runs; one tab does at a time, so that nothing is paid for twice.',
    remedy: 'Go on there, or press “Take over here”.',
  }),
};

/** A rule for reading answers, as a half sentence. */
export function readingInWords(reading: AnswerReading): string {
  switch (reading.type) {
    case 'after':
      return `taking what follows “${reading.mark}”`;
    case 'tag':
      return `taking what stands between <${reading.name}> and </${reading.name}>`;
    case 'json':
      return `taking “${reading.field}” out of the JSON`;
    case 'last-line':
      return 'taking the last line';
  }
}

export const describeError = <Code extends ErrorCode>(code: Code, details: ErrorDetails[Code]): Message =>
  messages[code](details);

/** Whatever was thrown, in words. What is not an AppError is a mistake of ours, and says so. */
export function describeThrown(thrown: unknown): Message {
  if (thrown instanceof AppError) return describeError(thrown.code, thrown.details);
  return describeError('app-broke', { said: thrown instanceof Error ? thrown.message : String(thrown) });
}
