import { letterOf, type Example } from '#core/example.ts';
import type { AnswerKey } from '#core/provider.ts';
import { allowedAnswers } from '#core/task.ts';
import type { Random } from '#lib/random.ts';
import { uniformOf } from './chance.ts';
import { worldOf, type Character, type Study } from './study.ts';
import { tokensOf, type Option } from './tokens.ts';

/** An answer and the probabilities of its first token, likeliest first. */
export type Answer = { readonly text: string; readonly first: readonly Option[] };

/** How a wordy answer begins, its share among wordy answers, and how it goes on when it names the answer. */
const openings: readonly { readonly token: string; readonly share: number; say(answer: string): string }[] = [
  { token: 'The', share: 0.5, say: (answer) => `The answer is ${answer}, because that is what all of it points to.` },
  {
    token: 'I',
    share: 0.16,
    say: (answer) => `I think the answer is ${answer}, since it fits well with what is said.`,
  },
  { token: 'Based', share: 0.09, say: (answer) => `Based on what is said, the answer is ${answer}.` },
  { token: 'This', share: 0.06, say: (answer) => `This is clear enough: the answer is ${answer}.` },
  { token: 'Looking', share: 0.05, say: (answer) => `Looking at it closely, the answer is ${answer}.` },
  ...[
    'Well',
    'So',
    'It',
    'From',
    'Since',
    'There',
    'Here',
    'Let',
    'To',
    'In',
    'We',
    'Given',
    'After',
    'Okay',
    'My',
  ].map((token, index) => ({
    token,
    share: 0.045 / (index + 1.5),
    say: (answer: string) => `${token} say it in one line: the answer is ${answer}.`,
  })),
];
const chatter: Readonly<Record<string, string>> = {
  The: 'The lines above are interesting, and there are several ways to look at them. Each has something to be said for it.',
  I: 'I am happy to help! Could you tell me a little more about what you would like me to do with this?',
  This: 'This gives me a lot to think about, and one could see it in more than one way.',
};
const chatterOf = (token: string): string =>
  chatter[token] ?? `${token} … one could go on about this for a long while without coming to an end.`;

/** How a token of a bare answer may be written, with shares. */
const writings = (token: string): readonly Option[] => {
  const other = token === token.toLowerCase() ? token.charAt(0).toUpperCase() + token.slice(1) : token.toLowerCase();
  return [{ token, p: 0.9 }, { token: ` ${token}`, p: 0.06 }, ...(other === token ? [] : [{ token: other, p: 0.02 }])];
};

/**
 * What the simulated model answers to one row. It knows the right answer; whether it says so is a matter of the prompt's grade, the
 * row's own difficulty and how the two get on.
 */
export function answerRow(
  example: Example,
  prompt: string,
  grade: Study,
  key: AnswerKey,
  character: Character,
  chance: { readonly temperature: number; readonly random: Random },
): Answer {
  const world = worldOf(character);
  const { ability, obedience } = grade;
  // some rows are easy for anyone, and some beyond everyone: labels in real sets are not all right either
  const own = uniformOf(world, 'row', example.id);
  const difficulty =
    own > 0.96 ? 1.05 : 0.82 * Math.max(0, 1.17 * own - 0.17) + 0.2 * uniformOf(world, 'taste', prompt, example.id);
  const margin = ability - difficulty;
  const right = 0.5 + (0.5 * margin) / (Math.abs(margin) + 0.1);
  const answers = rankedAnswers(example, key, world, right);

  const bare = Math.min(0.995, obedience * (0.85 + 0.3 * uniformOf(world, 'mood', prompt, example.id)));
  const options = mixture(answers, bare);
  const token = choose(options, chance);
  const rest = answers.find(({ text }) => {
    const start = tokensOf(text)[0] ?? text;
    return writings(start).some((writing) => writing.token === token);
  });
  const opening = openings.find((candidate) => candidate.token === token);
  const fitsOpening = opening !== undefined && bare < 0.5;
  if (rest && !fitsOpening) return { text: token + tokensOf(rest.text).slice(1).join(''), first: options };

  const talks = ability === 0 || uniformOf(world, 'talk', prompt, example.id) < grade.chatter;
  const said = chooseAnswer(answers, chance);
  return { text: talks || !opening ? chatterOf(token) : opening.say(said), first: options };
}

type Ranked = { readonly text: string; readonly p: number };

/** The possible answers with their probabilities, likeliest first. The right one wins exactly when `right` is above one half. */
function rankedAnswers(example: Example, key: AnswerKey, world: string, right: number): readonly Ranked[] {
  const target = example.targets[0] ?? '';
  const wrong = wrongAnswers(example, key, world);
  const rest = wrong.length > 1 ? 0.06 : 0;
  const [rival = 'unknown', ...others] = wrong;
  return [
    { text: target, p: (1 - rest) * right },
    { text: rival, p: (1 - rest) * (1 - right) },
    ...others.map((text) => ({ text, p: rest / others.length })),
  ].sort((a, b) => b.p - a.p);
}

/** Wrong answers, the tempting one first; which one tempts belongs to the row, not to the prompt. */
function wrongAnswers(example: Example, { task, examples }: AnswerKey, world: string): readonly string[] {
  const isWrong = (text: string): boolean => !example.targets.includes(text);
  const temptation = (text: string): number => uniformOf(world, 'tempts', example.id, text);
  const byTemptation = (texts: readonly string[]): readonly string[] =>
    [...new Set(texts)].filter(isWrong).sort((a, b) => temptation(a) - temptation(b));
  if (task.answer.type === 'letter')
    return byTemptation(
      example.choices ? example.choices.map((_, index) => letterOf(index)) : allowedAnswers(task.answer),
    );
  if (task.answer.type === 'label') return byTemptation(task.answer.labels);
  if (task.answer.type === 'number') {
    const inRow = Object.values(example.inputs).flatMap((text) => text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []);
    const target = Number((example.targets[0] ?? '').replaceAll(',', ''));
    const different = inRow.filter((text) => Number(text.replaceAll(',', '')) !== target);
    return byTemptation(different.length > 0 ? different : [String(target + 1), String(target * 10)]).slice(0, 4);
  }
  const from = Math.floor(uniformOf(world, 'neighbour', example.id) * examples.length);
  const near = Array.from({ length: Math.min(8, examples.length) }, (_, i) => examples[(from + i) % examples.length]);
  return byTemptation(near.flatMap((other) => other?.targets[0] ?? [])).slice(0, 3);
}

/** First tokens of bare and of wordy answers in one distribution. It adds up to less than one: the list is never complete. */
function mixture(answers: readonly Ranked[], bare: number): readonly Option[] {
  const mass = new Map<string, number>();
  const add = (token: string, p: number): void => void mass.set(token, (mass.get(token) ?? 0) + p);
  for (const answer of answers)
    for (const writing of writings(tokensOf(answer.text)[0] ?? answer.text))
      add(writing.token, 0.99 * bare * answer.p * writing.p);
  const shares = openings.reduce((sum, opening) => sum + opening.share, 0);
  for (const opening of openings) add(opening.token, (0.99 * (1 - bare) * opening.share) / shares);
  return [...mass]
    .map(([token, p]) => ({ token, p: Math.max(p, 1e-9) }))
    .sort((a, b) => b.p - a.p || (a.token < b.token ? -1 : 1));
}

/** The first token of a text that is no answer to a row, among the other ways in which a text may begin. */
export const firstOf = (token: string): readonly Option[] => [
  { token, p: 0.7 },
  ...['"', ...openings.map((opening) => opening.token)]
    .filter((other) => other !== token)
    .map((other, index) => ({ token: other, p: 0.06 / (index + 1) })),
];

type Chance = { readonly temperature: number; readonly random: Random };

function choose(options: readonly Option[], { temperature, random }: Chance): string {
  const best = options[0]?.token ?? '';
  if (temperature <= 0) return best;
  const weights = options.map(({ p }) => Math.pow(p, 1 / temperature));
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return options[index]?.token ?? best;
  }
  return best;
}

const chooseAnswer = (answers: readonly Ranked[], chance: Chance): string =>
  choose(
    answers.map(({ text, p }) => ({ token: text, p })),
    chance,
  );
