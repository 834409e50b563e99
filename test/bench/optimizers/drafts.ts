import type { Completion } from '#core/completion.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { defaultsOf } from '#core/fields.ts';
import { candidateId, type CallKey, type CandidateId, type ExampleId } from '#core/id.ts';
import type { Ask, GenerateJob, GeneratedText, Requests, Tell } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { TaskSpec } from '#core/task.ts';
import { createRandom, type Random } from '#lib/random.ts';
import { judge } from '../../../src/engine/evaluate.ts';
import { crossEntropy } from '../../../src/metrics/cross-entropy.ts';
import { exact } from '../../../src/metrics/exact.ts';
import { contrastive } from '../../../src/optimizers/contrastive.ts';
import pacerText from '../../../src/optimizers/meta-prompts/pacer.txt?raw';
import { examplesBlock, wonRows } from '../../../src/optimizers/pacer/evidence.ts';
import { operators } from '../../../src/optimizers/pacer/operators.ts';
import type { Site } from '../../../src/optimizers/pacer/site.ts';
import type { Draft } from '../../../src/optimizers/parts/proposals.ts';
import { Workbench } from '../../../src/optimizers/parts/workbench.ts';

/**
 * One new prompt, written in one of several ways from the same prompts and results, as in the middle of a run. A text that cannot be used is
 * not asked for again, as a search would: what a way brings at the first asking is compared.
 */

export type Scene = {
  readonly task: TaskSpec;
  /** Rows that the generator may be shown. */
  readonly train: readonly Example[];
  readonly prompts: readonly string[];
  /** What each prompt led to on every train row. */
  readonly result: (prompt: string, row: Example) => ExampleResult;
  readonly seed: string;
};

export type Drafted = {
  /** All that the generator was told. */
  readonly asked: string;
  /** The prompt that it should improve on: the best of the scene. */
  readonly parent: string;
  /** Train rows that the generator was shown. */
  readonly shown: readonly ExampleId[];
  readonly prompt?: string;
  /** Why the text could not be used. */
  readonly refused?: string;
};

/** What an answer is worth, as the app judges it. */
export const resultOf = (completion: Completion, targets: Example['targets'], task: TaskSpec): ExampleResult => ({
  ...judge(completion, { id: '' as ExampleId, inputs: {}, targets }, task, { rightOrWrong: exact, crossEntropy }),
  ...{ type: 'answered', usage: { inputTokens: 0, outputTokens: 0 }, latencyMs: 0, attempts: 1, call: '' as CallKey },
});

/** What the generator is told, by the name of the way. */
export const ways: Readonly<Record<string, (site: Site) => Draft | undefined>> = {
  reflect: (site) => draftIn(operators.reflect.move(site)),
  'reflect, beside another prompt': besideAnother,
  contrast: (site) => draftIn(operators.contrast.move(site)),
  origin: originDraft,
};

/** With a row that another of the kept prompts got right (GEPA's and SIMBA's contrast); nothing where there is no such row. */
function besideAnother(site: Site): Draft | undefined {
  const { bench, parent, residents, random } = site;
  const draft = draftIn(operators.reflect.move(site));
  const peer = random
    .shuffle(residents)
    .find((other) => wonRows(bench, other, parent, 1, random.fork('peer')).length > 0);
  if (!draft || !peer) return undefined;
  const won = examplesBlock(bench, peer, wonRows(bench, peer, parent, 1, random.fork('peer')));
  const block = `Another instruction, “${instructionOf(peer)}”, got this one right:\n\n${won}`;
  const content = (draft.messages[0]?.content ?? '').replace('\n\nNow write', () => `\n\n${block}\n\nNow write`);
  return { ...draft, messages: [{ role: 'user', content }] };
}

const draftIn = (move: ReturnType<(typeof operators)['reflect']['move']>): Draft | undefined =>
  move && 'draft' in move ? move.draft : undefined;

/** What the contrastive loop asks first when it has these results, with the settings of the origin. */
function originDraft({ bench, random }: Site): Draft {
  const values = {
    ...defaultsOf(contrastive.fields),
    proposals: 1,
    strategy: 'best_worst',
    shownExamples: 10,
    tail: true,
  };
  const search = contrastive.run({ ...bench.context, random }, values);
  for (let turn = search.next(); !turn.done;) {
    const ask = turn.value;
    if (ask.kind === 'generate') return { operator: 'origin', parents: [], messages: ask.jobs[0]?.messages ?? [] };
    turn = search.next(tell(ask, (candidate, row) => bench.book.result(candidate, row)));
  }
  throw new Error('Bug: the contrastive loop asked the generator nothing');
}

/** @param result what is known already. */
function tell(ask: Exclude<Ask, { kind: 'generate' }>, result: Requests['evaluate']['tell']['result']): Tell {
  switch (ask.kind) {
    case 'announce':
      return { kind: 'announce' };
    case 'listen':
      return { kind: 'listen', candidates: [], hints: [], calls };
    case 'evaluate':
      return { kind: 'evaluate', status: 'done', result };
  }
}

/** More than any search would take. */
const calls = 1_000_000;

/**
 * Has one prompt written in this way; undefined where the way has nothing to work with, or its words are not wanted.
 * @param isWanted whether all that the generator would be told is to be asked. @param write the generator.
 */
export async function draftOne(
  { task, train, prompts, result, seed }: Scene,
  way: string,
  isWanted: (asked: string) => boolean,
  write: (job: GenerateJob) => Promise<GeneratedText>,
): Promise<Drafted | undefined> {
  const random = createRandom(seed);
  const seeds = prompts.map((prompt): Candidate => ({ id: candidateId(prompt), prompt, origin: { type: 'start' } }));
  const rows = new Map(train.map((row) => [row.id, row]));
  const texts = new Map<CandidateId, string>(seeds.map(({ id, prompt }) => [id, prompt]));
  const bench = new Workbench(
    { task, train, validation: [], random: random.fork('bench'), calls, seeds },
    { maxPromptLength: 1600, temperature: 0.9, finalists: 0 },
  );
  let refused: string | undefined;
  const answer = async (ask: Ask): Promise<Tell> => {
    if (ask.kind === 'generate')
      return { kind: 'generate', status: 'done', step: 1, outputs: await Promise.all(ask.jobs.map(write)) };
    if (ask.kind === 'announce' && ask.fact.type === 'proposal-rejected')
      refused = `${ask.fact.reason}: ${ask.fact.detail}`;
    return tell(ask, (candidate, row) => result(texts.get(candidate) ?? '', rows.get(row) as Example));
  };
  const known = bench.evaluate(
    seeds,
    train.map(({ id }) => id),
  );
  for (let turn = known.next(); !turn.done;) turn = known.next(await answer(turn.value));
  const order = bench.ranking().map(({ candidate }) => candidate);
  const parent = order[0] as Candidate;
  const draft = ways[way]?.(siteOf(bench, parent, order.slice(0, 3), random.fork('site')));
  if (!draft) return undefined;
  const asked = draft.messages.map(({ content }) => content).join('\n');
  if (!isWanted(asked)) return undefined;
  const written = bench.propose(1, [{ ...draft, instead: () => undefined }]);
  let turn = written.next();
  while (!turn.done) turn = written.next(await answer(turn.value));
  const [made] = turn.value === 'exhausted' ? [] : turn.value;
  return {
    asked,
    parent: parent.prompt,
    shown: train.filter(({ inputs }) => asked.includes(asShown(inputs['input'] ?? ''))).map(({ id }) => id),
    ...(made ? { prompt: made.prompt } : { refused: refused ?? 'nothing came' }),
  };
}

/** The beginning of a row in what the generator is told. */
const asShown = (input: string): string => {
  const line = `Example: Input: ${input.replace(/\s+/g, ' ').trim()} Output:`;
  return line.slice(0, 200);
};

const siteOf = (bench: Workbench, parent: Candidate, residents: readonly Candidate[], random: Random): Site => ({
  bench,
  parent,
  residents,
  random,
  round: 1,
  metaPrompt: pacerText,
  mostDemonstrations: 0,
  templates: [],
  composes: () => false,
});
