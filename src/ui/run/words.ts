import type { Estimate, ExampleResult, Outcome, Summary } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { Rejection } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { RunProgress } from '#core/progress.ts';
import type { RunReport } from '#core/report.ts';
import type { AnswerFormat } from '#core/task.ts';
import type { Doing } from '#state/run-desk.svelte.ts';
import type { BadWeather } from '#state/weather.ts';
import type { Change } from './flips.ts';
import type { Judgement } from './rounds.ts';
import { count, number, percent, unknown } from '#ui/parts/format.ts';

export { promptName } from '#core/report.ts';

/** What the screens of a run say, in one place: the same thing has the same words on every tab. */

export const splitWords: Readonly<Record<Split, string>> = { train: 'Train', validation: 'Validation', test: 'Test' };

export const outcomeWords: Readonly<Record<Outcome, { readonly sign: string; readonly words: string }>> = {
  right: { sign: '✓', words: 'Right' },
  wrong: { sign: '✗', words: 'Wrong' },
  unparsable: { sign: '✗', words: 'No answer could be read' },
  refused: { sign: '✗', words: 'Refused' },
  'cut-off': { sign: '✗', words: 'Cut off' },
  failed: { sign: '–', words: 'Failed, not counted' },
};

export const changeWords: Readonly<
  Record<Change, { readonly sign: string; readonly words: string; readonly tone: 'good' | 'bad' | 'muted' }>
> = {
  fixed: { sign: '✓', words: 'Fixed', tone: 'good' },
  broken: { sign: '✗', words: 'Broken', tone: 'bad' },
  right: { sign: '=', words: 'Right with both', tone: 'muted' },
  wrong: { sign: '=', words: 'Wrong with both', tone: 'muted' },
};

export const rejectionWords: Readonly<Record<Rejection, string>> = {
  empty: 'It was empty',
  'cut-off': 'It was cut off',
  duplicate: 'It was tried before',
  'near-duplicate': 'It is nearly the same as an earlier prompt',
  'copied-example': 'It copies a training row',
  placeholders: 'Its data marks are not those of the starting prompts',
  'too-long': 'It is too long',
  talk: 'It talks about a prompt instead of being one',
  failed: 'No answer came',
};

/** Where a prompt came from that no optimizer wrote. */
export const originWords = (origin: Exclude<Candidate['origin'], { type: 'proposal' }>): string =>
  origin.type === 'person'
    ? 'Written by a person while the run went on.'
    : origin.made
      ? 'A starting prompt that was made from your task.'
      : 'One of your starting prompts.';

/** What the search decided about a prompt, in a sentence: the word for it is not said twice. */
export const judgementWords = ({ accepted, reason }: Judgement): string =>
  /^(?:Kept |Out |Not decided:)/.test(reason) ? reason : `${accepted ? 'Kept' : 'Dropped'}: ${reason}`;

/** The same behind a badge that has said the word. */
export const reasonWords = (reason: string): string => reason.replace(/^(?:Kept|Out) /, '');

/** What became of the worked examples from one prompt to another; nothing where neither shows any. */
export function examplesChange(before: readonly string[], after: readonly string[]): string {
  const kept = after.filter((id) => before.includes(id)).length;
  if (before.length + after.length === 0) return '';
  if (before.length === 0) return `Below it now: ${count(after.length, 'worked example')}.`;
  if (after.length === 0) return `Without the ${count(before.length, 'worked example')} that stood below it.`;
  if (kept === before.length && kept === after.length)
    return `The same ${count(kept, 'worked example')} below it${before.join() === after.join() ? '' : ', in another order'}.`;
  return `${count(after.length, 'worked example')} below it: ${number(kept)} from before, ${number(after.length - kept)} new, ${number(before.length - kept)} gone.`;
}

export function excerpt(text: string, length = 90): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length).trimEnd()}…` : line;
}

/** `64.0 % to 88.2 %`. */
export const rangeWords = (estimate: Pick<Estimate, 'lo' | 'hi'> | undefined): string =>
  estimate ? `${percent(estimate.lo)} to ${percent(estimate.hi)}` : unknown;

type Entropy = Summary['crossEntropy'];
/** `≥ 0.42 ± 0.08`: at least, where some rows are only bounded from below; `≈` where it was estimated by sampling. */
export function entropyWords(entropy: Entropy): string {
  if (!entropy) return unknown;
  const mark = entropy.bounded > 0 ? '≥\u00a0' : entropy.estimated ? '≈\u00a0' : '';
  // upwards: downwards the interval ends at zero
  const half = entropy.n > 1 ? `\u00a0±\u00a0${number(entropy.hi - entropy.value, 2)}` : '';
  return `${mark}${number(entropy.value, 2)}${half}`;
}

export function rowEntropyWords(result: ExampleResult | undefined): string {
  if (result?.type !== 'answered' || result.crossEntropy.type === 'unscored') return unknown;
  const { value, bound } = result.crossEntropy;
  const text = number(value, 2);
  return bound === 'at-least' ? `≥\u00a0${text}` : bound === 'estimated' ? `${text}\u00a0(estimated)` : text;
}

/** A length of time that is only roughly known. */
export function durationWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return 'a few seconds';
  if (seconds < 55) return `about ${number(Math.round(seconds / 5) * 5)} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${count(Math.max(1, minutes), 'minute')}`;
  const hours = Math.round(minutes / 30) / 2;
  return `about ${number(hours, hours % 1 === 0 ? 0 : 1)} hours`;
}

/** A length of time that has passed: `42 s`, `3 min 05 s`, `1 h 20 min`. */
export function clockWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${number(hours)} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
}

/** What the run is doing, or was doing when it stopped. */
export function phaseWords({ phase, round, rounds }: RunProgress): string {
  if (phase === 'start') return 'Trying the starting prompts';
  if (phase === 'comparison') return 'Comparing the finalists on the validation rows';
  if (phase === 'test') return 'Opening the sealed test rows';
  return `Round ${number(round)}${rounds ? ` of ${number(rounds)}` : ''}`;
}

/** `212 of at most 900 answers`. */
export const doneWords = ({ done, total, phase }: RunProgress): string =>
  total === undefined || phase === 'ended'
    ? count(done, 'answer')
    : `${number(done)} of ${phase === 'test' ? '' : 'at most '}${number(total)} answers`;

export const leftWords = ({ leftMs }: RunProgress): string =>
  leftMs === undefined ? '' : `${durationWords(leftMs)} left`;

/** `$0.012`, `$3.40`. */
export const dollars = (usd: number): string =>
  usd > 0 && usd < 0.001 ? 'under $0.001' : `$${number(usd, usd < 1 ? 3 : 2)}`;

/** Rows without an answer, over all prompts and parts of the data. */
export const failedRows = ({ candidates }: Pick<RunReport, 'candidates'>): number =>
  candidates.reduce(
    (sum, { summaries: { train, validation, test } }) =>
      sum + train.outcomes.failed + validation.outcomes.failed + test.outcomes.failed,
    0,
  );

/** `n of asked` where not every row that was asked about has an answer; nothing where all have. */
export const coverageWords = ({ n, asked }: Pick<Summary, 'n' | 'asked'>): string =>
  n < asked ? `${number(n)} of ${count(asked, 'row')} answered` : '';

const waits = {
  rate: 'the provider asks for a pause',
  overload: 'the provider is overloaded',
  offline: 'there is no connection',
} as const;

/** Why little or nothing is sent at the moment. */
export function weatherWords(weather: BadWeather): string {
  if (weather.type === 'limited')
    return `Slowed down: the provider takes about ${count(Math.max(1, Math.round(weather.perMinute)), 'request')} a minute.`;
  const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' }).format(new Date(weather.until));
  return `Waiting until ${clock}: ${waits[weather.reason]}. It goes on by itself; nothing is lost.`;
}

/** What is still to come before the run stands still. */
export function doingWords(doing: Exclude<Doing, { type: 'asking-again' }>): string {
  if (doing.type === 'stopping') return 'Stopping: nothing more is sent, and what has come in is written down.';
  const { underWay } = doing;
  return `Pausing: ${count(underWay, 'answer')} ${underWay === 1 ? 'is' : 'are'} under way, and will be kept.`;
}

/** What is looked for in an answer. */
export function answerWords(format: AnswerFormat): string {
  if (format.type === 'letter') return 'the letter of one of the options';
  if (format.type === 'number') return 'a number';
  if (format.type === 'text') return 'the right text';
  const most = 6;
  const more = format.labels.length - most;
  return `one of ${format.labels
    .slice(0, most)
    .map((label) => `“${label}”`)
    .join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
}

const doingStates: Readonly<Record<Doing['type'], string>> = {
  stopping: 'Stopping',
  pausing: 'Pausing',
  'asking-again': 'Asking again',
};
const endWords = { finished: 'Finished', 'budget-spent': 'Budget reached', stopped: 'Stopped' } as const;
const endTones = { finished: 'good', 'budget-spent': 'good', stopped: 'warn' } as const;

/** The state of a run in a word or two, and the tone of its badge. */
export function stateWords(
  { status, end }: Pick<RunReport, 'status' | 'end'>,
  driver: 'here' | 'elsewhere' | 'nobody' | undefined,
  doing?: Doing,
): { readonly words: string; readonly tone: '' | 'accent' | 'good' | 'warn' | 'bad' } {
  if (doing) return { words: doingStates[doing.type], tone: doing.type === 'asking-again' ? 'accent' : 'warn' };
  if (end) return { words: endWords[end.outcome], tone: endTones[end.outcome] };
  if (status === 'stalled') return { words: 'Needs you', tone: 'bad' };
  if (status === 'paused') return { words: 'Paused', tone: 'warn' };
  if (driver === 'nobody') return { words: 'Interrupted', tone: 'warn' };
  return { words: driver === 'elsewhere' ? 'Running in another tab' : 'Running', tone: 'accent' };
}
