import { fieldsOf } from '#core/prompt.ts';
import { allowedAnswers, type TaskSpec } from '#core/task.ts';
import { clamp, uniformOf } from './chance.ts';
import type { Worked } from './shown-rows.ts';

/** How able the simulated model is, and which of the possible worlds it lives in. */
export type Character = { readonly model: 'careful' | 'small'; readonly seed: number };
export const worldOf = ({ model, seed }: Character): string => `${model}/${seed}`;

/** What the simulated model makes of a prompt. All in 0…1. */
export type Study = {
  /** How hard a row may be and still be answered rightly. */
  readonly ability: number;
  /** Share of the answers that are the bare answer. */
  readonly obedience: number;
  /** Share of the other answers that are talk and name no answer. */
  readonly chatter: number;
};

const verbs =
  /\b(answer|choose|pick|select|classify|sort|label|assign|decide|determine|identify|find|extract|name|solve|calculate|compute|read|reply|respond|return|write|translate|copy)/g;
const weakVerbs = /\b(say|tell|give|look|show|list|describe|explain|comment|react|summari[sz]e|share|do|see)\b/;
const contracts = [
  /\bonly\b|\bjust the\b|\balone\b/,
  /nothing else|nothing but|no other (?:words?|text)|without any other|no(?:t a)? word more/,
  /one word|single|exactly|one letter|as it is written|letter for letter|as given/,
  /\bcontract: no talk\b/,
];
const hints = [
  /careful|closely|attentive/,
  /\bbest\b|most likely|fits|closest/,
  /\bevidence\b|support|what (?:it|the \w+) says|stated|in the text/,
  /\bcompare\b|each (?:option|label|answer|number)|\bother (?:options|labels|amounts)/,
  /\b(?:if|when) (?:two|in doubt|several|more than one|none|it mentions|they)/,
  /\bnot\b.{0,40}\bbut\b|rather than|instead of|do not be misled/,
  /\bfirst\b.{0,60}\bthen\b|before you/,
  /main|purpose|what the (?:writer|sender|customer|person) wants|still (?:open|owed|to be paid)|in the end/,
];
const talk =
  /\b(explain\w*|explanations?|reasons?|reasoning|why|thoughts?|think about|feel\w*|describe\w*|comments?|discuss\w*|weigh|friendly|stor(?:y|ies)|summar\w*|notable|opinions?|in your own words|any words|sentence about|poem|jokes?|songs?|relaxed|share|full sentences?|elaborate|in detail|react)\b/g;
const refusedTalk =
  /\b(?:no|not|never|without|don't|avoid|leave out|instead of)\b(?:\s+(?:any|an|a|the|your|giving|adding|to|or|further))*\s+(?:explain\w*|explanations?|reasons?|reasoning|why|thoughts?|comments?|discuss\w*|elaborate|sentences?)(?:\s+(?:or|and|nor)\s+(?:explain\w*|explanations?|reasons?|comments?))?/g;
const emptyWords = new Set(
  'the and for with that this from have has are was were you your its it is in on of to a an or as at by be one into what which who will would can not them they their there than then each any all some only about after before more most must out up down do does'.split(
    ' ',
  ),
);
const formatWords = {
  letter: 'letter option choice question answer passage text',
  label: 'label category class topic kind text message',
  number: 'number amount figure total sum digits value text',
  text: 'answer word result input output text',
} as const;

const stem = (word: string): string => word.replace(/(?:ing|ed|es|s)$/, '');
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/\p{L}{2,}/gu) ?? [];
const contentOf = (text: string): readonly string[] =>
  wordsOf(text).flatMap((word) => (emptyWords.has(word) ? [] : [stem(word)]));

const countOf = (text: string, patterns: readonly RegExp[]): number =>
  patterns.filter((pattern) => pattern.test(text)).length;
/** 0, then quickly towards 1: the first mention counts most. */
const soon = (count: number, half: number): number => count / (count + half);

/** How fully the prompt says which answers there are. */
function namedAnswers(text: string, { answer }: TaskSpec): number {
  const lower = text.toLowerCase();
  if (answer.type === 'letter') {
    const letters = /\ba\b[,/ or-]+\bb\b|\ba\s*[-–]\s*[c-h]\b|\ba to [c-h]\b/.test(lower);
    return clamp((/\bletters?\b/.test(lower) ? 0.75 : 0) + (letters ? 0.6 : 0));
  }
  if (answer.type === 'label') {
    const labels = allowedAnswers(answer);
    const named = labels.filter((label) => lower.includes(label.toLowerCase())).length / Math.max(1, labels.length);
    return Math.max(named, /\blabels?\b|\bcategor/.test(lower) ? 0.35 : 0);
  }
  if (answer.type === 'number')
    return clamp(
      (/\bnumber|\bamount|\bfigure/.test(lower) ? 0.6 : 0) + (/digits|decimal|currency/.test(lower) ? 0.5 : 0),
    );
  return /\bword|\bphrase|\bname|\bresult|short/.test(lower) ? 1 : 0.3;
}

/** The task words that the prompt uses: of the description, the fields, the answers and the kind of answer. */
function taskHits(content: readonly string[], task: TaskSpec): number {
  const fields = task.template.messages.flatMap((message) => fieldsOf(message.content));
  const labels = task.answer.type === 'label' ? task.answer.labels : [];
  const known = new Set(
    contentOf([task.description, ...fields, ...labels, formatWords[task.answer.type]].join(' ').replace(/_/g, ' ')),
  );
  return new Set(content.filter((word) => known.has(word))).size;
}

/** What worked examples teach: above all the form of the answer, and a little of how to decide. Wrong ones mislead. */
function taught({ ability, obedience, chatter }: Study, { right, wrong }: Worked): Study {
  if (right + wrong === 0) return { ability, obedience, chatter };
  const lesson = soon(right, 2);
  const confusion = wrong / (right + wrong);
  return {
    ability: clamp(1 - (1 - ability) * (1 - 0.35 * lesson) - 0.3 * confusion, 0, 0.985),
    obedience: clamp(1 - (1 - obedience) * (1 - lesson), 0.02, 0.985),
    chatter: clamp(chatter * (1 - lesson)),
  };
}

/** The marks of a whole prompt. Worked examples are no part of the instruction, but they teach. */
export const study = (prompt: string, worked: Worked, task: TaskSpec, character: Character): Study =>
  taught(studyInstruction(prompt, worked.instruction, task, character), worked);

/**
 * Reads an instruction the way a weak reader would: by the words in it. Looks deceive: what remains is decided by the exact text, so that
 * near-identical prompts can differ widely, as they do with real models.
 */
function studyInstruction(prompt: string, instruction: string, task: TaskSpec, character: Character): Study {
  const lower = instruction.toLowerCase();
  const kept = lower.replace(refusedTalk, ' contract: no talk ');
  const content = contentOf(lower);
  const hits = taskHits(content, task);
  const actions = new Set(lower.match(verbs)).size || (weakVerbs.test(lower) ? 0.3 : 0);
  const grip = (hits + actions) / Math.max(1, new Set(content).size);
  if (hits + actions <= 1 || grip < 0.12) return { ability: 0, obedience: 0.01, chatter: 1 };

  const subject = clamp(hits / 4);
  const allowed = namedAnswers(instruction, task);
  const contract = clamp(soon(countOf(kept, contracts), 0.5) * 1.25);
  const hint = clamp(countOf(kept, hints) / 5);
  const chat = clamp(new Set(kept.match(talk)).size * 0.5);
  const words = wordsOf(instruction).length;
  const role = /\byou are\b|\bas an? (?:expert|careful)/.test(lower) ? 1 : 0;

  const world = worldOf(character);
  let ability =
    0.2 + 0.16 * subject + 0.06 * clamp(actions) + 0.14 * allowed + 0.1 * contract + 0.32 * hint + 0.04 * role;
  ability -= 0.22 * chat + (chat > 0 && contract > 0 ? 0.1 : 0) + clamp((words - 140) / 400, 0, 0.3);
  ability += 0.1 * (uniformOf(world, 'shade', prompt.trim()) - 0.5);
  const luck = uniformOf(world, 'luck', prompt.trim());
  if (luck < 1 / 6) ability *= 0.03 + 3 * luck;
  let obedience = 0.04 + 0.45 * contract + 0.4 * allowed + 0.15 * clamp(actions) - 0.7 * chat;
  if (luck < 1 / 24) obedience *= 0.2;
  if (character.model === 'small') {
    ability *= 0.86;
    obedience *= 0.9;
  }
  return {
    ability: clamp(ability, 0, 0.985),
    obedience: clamp(obedience, 0.02, 0.985),
    chatter: clamp(0.15 + 0.55 * chat + (hits < 2 ? 0.3 : 0) - 0.3 * allowed),
  };
}
