import type { AnswerKey } from '#core/provider.ts';
import type { Random } from '#lib/random.ts';
import { blocksFor, kinds, type Block, type BlockKind } from './blocks.ts';
import { readBrief, type Brief, type Shown } from './brief.ts';

/** What the generator wrote; `cut`: it broke off in the middle, as models do. */
export type Composed = { readonly text: string; readonly cut: boolean };

/** Writes a prompt by the request: builds on the better of the shown prompts, adds a thought or two, and is wrong now and then. */
export function composePrompt(request: string, key: AnswerKey | undefined, random: Random): Composed {
  const brief = readBrief(request, key);
  const prompt = build(brief, random.fork('build'));
  const slip = random.fork('slip');
  if (slip.next() < 1 / 8) return mistake(prompt, brief, request, key, slip);
  const remark = brief.wantsTags && random.fork('remark').next() < 0.4 ? remarkOn(brief) : '';
  return { text: remark + inTags(prompt, brief), cut: false };
}

const inTags = (prompt: string, brief: Brief): string => (brief.wantsTags ? `<prompt>${prompt}</prompt>` : prompt);

const remarkOn = ({ shown }: Brief): string =>
  shown.length > 0
    ? 'The better prompts say clearly what is wanted, so I keep that and say it in fewer doubts.\n\n'
    : 'This says what is wanted as plainly as I can.\n\n';

function build(brief: Brief, random: Random): string {
  const blocks = blocksFor(brief);
  const parent = chooseParent(brief.shown, random);
  const own = parent ? sentencesIn(parent.text, blocks) : [];
  const inherited = brief.merges ? mergedWith(own, brief.shown, blocks, random.fork('merge')) : own;
  const base = parent && inherited.length === 0 && (parent.score ?? 0) >= 0.35 ? parent.text : '';

  const kept = inherited
    .filter(() => random.next() < 0.93)
    .map((block) => (random.next() < 0.22 ? random.pick(blocks.filter(({ kind }) => kind === block.kind)) : block));
  const fresh = inherited.length === 0 ? 1 + random.integer(2) : random.next() < 0.15 ? 0 : random.next() < 0.6 ? 1 : 2;
  const chosen = [...kept];
  for (let i = 0; i < fresh; i++) {
    const next = addition(chosen, blocks, brief, random);
    if (next) chosen.push(next);
  }
  const texts = kinds.flatMap((kind) => [
    ...new Set(chosen.filter((block) => block.kind === kind).map(({ text }) => text)),
  ]);
  return [...(base === '' ? [] : [base]), ...texts].join(random.next() < 0.25 ? '\n' : ' ');
}

/** The sentences of a second prompt as well: about half of them, and none of a kind that is there. */
function mergedWith(
  own: readonly Block[],
  shown: readonly Shown[],
  blocks: readonly Block[],
  random: Random,
): readonly Block[] {
  const theirs = shown.map(({ text }) => sentencesIn(text, blocks)).filter((found) => found.length > 0);
  const other = theirs.length > 0 ? random.pick(theirs) : [];
  const isFree = ({ kind }: Block): boolean => kind === 'hint' || !own.some((block) => block.kind === kind);
  return [...new Set([...own, ...other.filter((block) => isFree(block) && random.next() < 0.5)])];
}

/** A wording that is only a piece of a longer one in the same text does not count. */
function sentencesIn(text: string, blocks: readonly Block[]): readonly Block[] {
  const found = blocks.filter((block) => text.includes(block.text));
  return found.filter((block) => !found.some((other) => other !== block && other.text.includes(block.text)));
}

/** The best shown prompt as a rule, the second or third now and then. */
function chooseParent(shown: readonly Shown[], random: Random): Shown | undefined {
  const ranked = [...shown].sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  const draw = random.next();
  return ranked[draw < 0.7 ? 0 : draw < 0.9 ? 1 : 2] ?? ranked[0];
}

/** What can still be said, weighed by what the request talks about. Wordings that only bad prompts have are avoided. */
function addition(chosen: readonly Block[], blocks: readonly Block[], brief: Brief, random: Random): Block | undefined {
  const leans = (kind: BlockKind): number => (brief.leaning === kind ? 3 : 1);
  const count = (kind: BlockKind): number => chosen.filter((block) => block.kind === kind).length;
  const once = (kind: BlockKind, weight: number): number => (count(kind) > 0 ? 0 : weight * leans(kind));
  const weights: Readonly<Record<BlockKind, number>> = {
    role: once('role', 0.5),
    task: once('task', brief.task === undefined ? 0.7 : 3),
    allowed: once('allowed', 2),
    contract: once('contract', brief.tellsForm ? 2 : 0.4),
    hint: count('hint') > 3 ? 0 : (leans('hint') * (brief.showsRows ? 2 : 0.6)) / (1 + 0.4 * count('hint')),
    chatty: once('chatty', brief.tellsForm ? 0.25 : 0.7),
  };
  const bad = (text: string): boolean =>
    brief.shown.some((shown) => (shown.score ?? 1) < 0.3 && shown.text.includes(text)) &&
    !brief.shown.some((shown) => (shown.score ?? 0) >= 0.5 && shown.text.includes(text));
  const open = blocks.filter((block) => !chosen.includes(block) && weights[block.kind] > 0);
  const fine = open.filter(({ text }) => !bad(text) || random.next() < 0.2);
  const present = kinds.filter((kind) => fine.some((block) => block.kind === kind));
  let left = random.next() * present.reduce((sum, kind) => sum + weights[kind], 0);
  const kind = present.find((candidate) => (left -= weights[candidate]) < 0) ?? present.at(-1);
  return kind === undefined ? undefined : random.pick(fine.filter((block) => block.kind === kind));
}

/** The ways in which real generators go wrong: whoever reads an answer has to be ready for each of them. */
function mistake(prompt: string, brief: Brief, request: string, key: AnswerKey | undefined, random: Random): Composed {
  const whole = (text: string): Composed => ({ text: inTags(text, brief), cut: false });
  const kind = random.integer(5);
  if (kind === 0 && brief.shown.length > 0) return whole(random.pick(brief.shown).text);
  if (kind === 1) {
    const copied = key?.examples
      .flatMap((example) => Object.values(example.inputs))
      .find((input) => input.length > 30 && request.includes(input));
    if (copied !== undefined) return whole(`${prompt}\n\n${copied}`);
  }
  if (kind === 2) return whole(`"${prompt}"`);
  if (kind === 3)
    return { text: inTags(prompt, brief).slice(0, Math.max(12, Math.floor(prompt.length * 0.6))), cut: true };
  return brief.wantsTags
    ? { text: `Here is the new prompt:\n\n${prompt}`, cut: false }
    : whole(`Here is the new prompt:\n\n\`\`\`\n${prompt}\n\`\`\``);
}

/** Advice, where a request asks what is wrong with a prompt instead of asking for one. */
export const advice = [
  'The prompt does not say which answers are allowed.',
  'It does not say that the answer has to stand alone, so the model starts to talk.',
  'It does not say what to do when two answers seem right.',
  'The task should be named in its own words at the beginning.',
].join('\n');

/** Notes, where a request asks to describe the data. */
export const notes = [
  'The inputs are short texts in plain language, and each has one right answer.',
  'Some name several things; what is asked for in the end decides the answer, and single words mislead.',
].join('\n');
