import type { AnswerKey } from '#core/provider.ts';
import { allowedAnswers, type AnswerFormat } from '#core/task.ts';
import type { BlockKind } from './blocks.ts';

/** A prompt that the request shows, with the score that stands nearest before it. */
export type Shown = { readonly text: string; readonly score: number | undefined };

/** What the simulated generator understands of a request to write a prompt. It knows nothing that the request does not say. */
export type Brief = {
  readonly format: AnswerFormat['type'];
  readonly task: string | undefined;
  readonly allowed: readonly string[];
  /** The request says something about the form of the answers. */
  readonly tellsForm: boolean;
  /** The request shows rows or mistakes, from which it can be learned how to decide. */
  readonly showsRows: boolean;
  readonly shown: readonly Shown[];
  readonly wantsTags: boolean;
  /** The request wants one prompt made of several. */
  readonly merges: boolean;
  /** What the end of the request lays stress on. */
  readonly leaning: BlockKind | undefined;
};

const wantsPrompt =
  /\b(write|propose|create|generate|improve|rewrite|compose|suggest|invent|draft|produce|give|come up with|paraphrase|combine|mutate|need)\b[^.?!]{0,120}\b(prompts?|instructions?)\b/i;

/** Whether a request asks for a prompt rather than for an answer. */
export const asksForPrompt = (text: string): boolean =>
  (text.includes('<prompt>') && text.includes('</prompt>')) || wantsPrompt.test(text);

/** Whether a request asks what is wrong with a prompt instead of asking for one. */
export const asksForAdvice = (text: string): boolean =>
  !text.includes('<prompt>') &&
  /\b(give|name|list|state|write|find|what are)\b[^.?!]{0,60}\b(reasons?|critique|feedback|advice|weakness\w*)\b/i.test(
    text,
  ) &&
  /\b(prompt|instruction)/i.test(text);

/** Whether a request asks to describe data, or what went wrong with it, rather than to answer or to write a prompt. */
export const asksForNotes = (text: string): boolean =>
  !text.includes('<prompt>') &&
  /\b(describe|summari[sz]e|notice|characteri[sz]e|take notes)\b[^.?!]{0,120}\b(data|inputs?|rows?|examples?)\b/i.test(
    text,
  );

export function readBrief(text: string, key: AnswerKey | undefined): Brief {
  const lower = text.toLowerCase();
  const answer = key?.task.answer;
  const allowed = answer === undefined ? [] : allowedAnswers(answer);
  const letters = answer?.type === 'letter' && /\bletters?\b|\ba\s*,\s*b\b|\ba\s*[-–]\s*d\b/.test(lower);
  const named = allowed.length > 0 && (letters || allowed.every((label) => lower.includes(label.toLowerCase())));
  return {
    format: answer?.type ?? 'text',
    task: taskIn(text, key?.task.description),
    allowed: named ? allowed : [],
    tellsForm: /\bonly\b|nothing else|exactly|\bformat\b|\bform of\b|allowed answers?|no explanation|bare/.test(lower),
    showsRows: /correct answer|right answer|expected|should have|target|mistakes?|wrong/.test(lower),
    shown: shownPrompts(text),
    wantsTags: text.includes('<prompt>') && text.includes('</prompt>'),
    merges: /\b(?:merge|cross|combine)\b[^.?!\n]{0,60}\b(?:two|both|parents?|prompts?|instructions?)\b/i.test(text),
    leaning: leanings.find(([pattern]) => pattern.test(lower.slice(-320)))?.[1],
  };
}

const leanings: readonly (readonly [RegExp, BlockKind])[] = [
  [/\brole\b/, 'role'],
  [/look for|mistakes?|what each/, 'hint'],
  [/allowed answers/, 'allowed'],
  [/must not write|form of the answer/, 'contract'],
  [/what the model has to decide/, 'task'],
];

/** The description of the task: word for word where the request has it, else the line that claims to be one. */
function taskIn(text: string, description: string | undefined): string | undefined {
  if (description !== undefined && description.trim() !== '' && text.includes(description)) return description.trim();
  return /(?:^|\n)[#*\s]*(?:the )?task\b[^\n:]{0,40}:?\**[ \t]*\n?([^\n]{20,400})/i.exec(text)?.[1]?.trim();
}

const share = (text: string): number | undefined => {
  const value = Number(text);
  return value >= 0 && value <= 100 ? (value > 1 ? value / 100 : value) : undefined;
};

/** The score that a heading states: "accuracy 83 %", "score: 0.4", "12 of 30 right". */
function scoreIn(line: string): number | undefined {
  if (line.length > 160) return undefined;
  const of = /(\d+)\s*(?:of|\/|out of)\s*(\d+)/.exec(line);
  if (of && Number(of[2]) > 0 && /right|correct|accura|score|answer/i.test(line))
    return Math.min(1, Number(of[1]) / Number(of[2]));
  const percent = /(\d{1,3}(?:\.\d+)?)\s*(?:%|per ?cent)/.exec(line);
  if (percent && (line.length < 60 || /accura|score|right|correct/i.test(line)))
    return Math.min(1, Number(percent[1]) / 100);
  return share(/(?:accuracy|score|right|correct)\D{0,16}(\d{1,3}(?:\.\d+)?)\b/i.exec(line)?.[1] ?? '-1');
}

function headingScore(line: string): number | undefined {
  const stated = scoreIn(line);
  if (stated !== undefined) return stated;
  if (line.length > 60 || !/prompt|instruction/i.test(line)) return undefined;
  if (/\b(bad|poor|worst|weak|worse|failed)\b/i.test(line)) return 0.15;
  return /\b(good|best|strong|better|top)\b/i.test(line) ? 0.7 : undefined;
}

/** Ways in which requests quote a prompt; the text is the last group. */
const quotations = [
  /<(?:prompt|instruction)\b([^>]*)>([\s\S]*?)<\/(?:prompt|instruction)>/gi,
  /(?:prompt|instruction)([^\n:“"]{0,40}):\s*[“"]([\s\S]*?)[”"](?=\s*(?:\n|$))/gi,
];

/** The prompts that the request quotes, each with the score that stands in its tag, after it or before it; else the lines under scores. */
function shownPrompts(text: string): readonly Shown[] {
  const quoted = quotations.flatMap((quotation) =>
    [...text.matchAll(quotation)].flatMap((match) => {
      const inside = (match[2] ?? '').trim();
      if (inside.split(/\s+/).length < 3) return [];
      const end = match.index + match[0].length;
      const after = text
        .slice(end, end + 160)
        .split('\n')
        .slice(0, 2);
      const before = text
        .slice(Math.max(0, match.index - 400), match.index)
        .split('\n')
        .reverse()
        .slice(0, 4);
      const scores = [match[1] ?? '', ...after, ...before].map(headingScore);
      return [{ text: inside, score: scores.find((score) => score !== undefined) }];
    }),
  );
  return quoted.length > 0 ? quoted : linesUnderScores(text);
}

function linesUnderScores(text: string): readonly Shown[] {
  const shown: Shown[] = [];
  let score: number | undefined;
  for (const line of text.split('\n')) {
    const heading = headingScore(line);
    if (heading !== undefined) score = heading;
    const body = line
      .replace(/^[\s>*#-]+|^(?:prompt|instruction)\s*\d*\s*:\s*/i, '')
      .replace(/^["“]|["”]$/g, '')
      .trim();
    if (heading === undefined && score !== undefined && body.split(/\s+/).length >= 4) {
      shown.push({ text: body, score });
      score = undefined;
    }
  }
  return shown;
}
