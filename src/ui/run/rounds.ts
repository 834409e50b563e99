import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Rejection, SearchFact } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { CandidateReport, GenerationReport, RunReport } from '#core/report.ts';
import { racePlacesOf, type RacePlace } from './race.ts';

/** What the search decided about a prompt that it had tried. */
export type Judgement = { readonly accepted: boolean; readonly reason: string };

/** What became of one proposal. */
type Fate =
  | {
      readonly type: 'accepted';
      readonly id: CandidateId;
      readonly text: string;
      /** Which way of writing prompts it came from, and what was asked for, where the search says so. */
      readonly operator?: string;
      readonly why?: string;
      readonly parents: readonly CandidateId[];
      /** Absent while it is tried, and where the search gives no reasons. */
      readonly judgement?: Judgement;
      /** Absent where it did not race, or came through. */
      readonly race?: RacePlace;
    }
  | { readonly type: 'rejected'; readonly text: string; readonly reason: Rejection; readonly detail: string };

/** An answer of the generator, or what was proposed without it. */
type Pair = { readonly generation?: GenerationReport | undefined; readonly fate?: Fate | undefined };

export type Proposal = Pair & {
  /** `note`: words that the search builds on, such as a critique. `unclear`: which of the two it is cannot be told, or not yet. */
  readonly kind: 'proposal' | 'note' | 'unclear';
};

/** A prompt of a person, and the decision of the search; absent while it is tried, and where the search gives no reasons. */
type Added = { readonly id: CandidateId; readonly judgement?: Judgement };

export type RoundView = {
  /** 0: prompts that were written before the first round. */
  readonly round: number;
  readonly good: readonly CandidateId[];
  readonly bad: readonly CandidateId[];
  readonly examples: readonly ExampleId[];
  readonly proposals: readonly Proposal[];
  /** Prompts of a person that the search heard of in this round. */
  readonly added: readonly Added[];
  /** Absent while the round goes on. */
  readonly note?: string;
};

/** A fate, and the words by which it is found again in what the generator wrote; none where no generator wrote it. */
type Traced = { readonly fate: Fate; readonly written: string };

type Known = Pick<CandidateReport, 'candidate' | 'round'>;
type Given = Pick<RunReport, 'facts' | 'generations'> & { readonly candidates?: readonly Known[] };

/** The rounds of a run, the newest first, each with what was shown, what came back and what became of it. */
export function roundsOf({ facts, generations, candidates = [] }: Given): readonly RoundView[] {
  const rounds = new Set([...facts, ...generations].map(({ round }) => round).filter((round) => round > 0));
  if (facts.some((fact) => fact.round === 0 && tracedOf(fact, unknown, candidates).length > 0)) rounds.add(0);
  const of = <T extends { readonly round: number }>(list: readonly T[], wanted: number): readonly T[] =>
    list.filter(({ round }) => round === wanted);
  const known: Told = { judged: judgementsOf(facts), places: racePlacesOf(facts) };
  const order = [...rounds].sort((a, b) => b - a);
  const added = candidates.filter(({ candidate }) => candidate.origin.type === 'person');
  return order.map((round) => ({
    ...viewOf(
      round,
      of(facts, round),
      of(generations, round),
      (fact) => tracedOf(fact, known, candidates),
      round === order[0],
    ),
    added: of(added, round).map(({ candidate: { id } }): Added => {
      const judgement = known.judged.get(id);
      return { id, ...(judgement ? { judgement } : {}) };
    }),
  }));
}

/** The last word of the search on each prompt. */
export const judgementsOf = (facts: readonly SearchFact[]): ReadonlyMap<CandidateId, Judgement> =>
  new Map(
    facts.flatMap((fact) =>
      fact.type === 'proposal-judged'
        ? [[fact.candidate, { accepted: fact.accepted, reason: fact.reason }] as const]
        : [],
    ),
  );

function viewOf(
  round: number,
  facts: readonly SearchFact[],
  generations: readonly GenerationReport[],
  trace: (fact: SearchFact) => readonly Traced[],
  isNewest: boolean,
): Omit<RoundView, 'added'> {
  const start = facts.find((fact) => fact.type === 'round-started');
  const finish = facts.find((fact) => fact.type === 'round-finished');
  return {
    round,
    good: start?.good ?? [],
    bad: start?.bad ?? [],
    examples: start?.examples ?? [],
    proposals: withKinds(pair(generations, facts.flatMap(trace)), isNewest && !finish),
    ...(finish ? { note: finish.note } : {}),
  };
}

/** What the search told of its prompts. */
type Told = {
  readonly judged: ReadonlyMap<CandidateId, Judgement>;
  readonly places: ReadonlyMap<CandidateId, RacePlace>;
};
const unknown: Told = { judged: new Map(), places: new Map() };

function tracedOf(fact: SearchFact, { judged, places }: Told, candidates: readonly Known[]): Traced[] {
  if (fact.type === 'proposal-rejected') {
    const { text, reason, detail } = fact;
    return [{ fate: { type: 'rejected', text, reason, detail }, written: text }];
  }
  if (fact.type !== 'candidate-proposed') return [];
  const { candidate } = fact;
  const { id, prompt: text, origin } = candidate;
  const judgement = judged.get(id);
  const race = places.get(id);
  return [
    {
      written: isComposed(candidate, candidates) ? '' : instructionOf(candidate),
      fate: {
        ...{ type: 'accepted', id, text },
        parents: origin.type === 'proposal' ? origin.parents : [],
        ...(origin.type === 'proposal' && origin.operator !== undefined ? { operator: origin.operator } : {}),
        ...(origin.type === 'proposal' && origin.why !== undefined ? { why: origin.why } : {}),
        ...(judgement ? { judgement } : {}),
        ...(race === undefined ? {} : { race }),
      },
    },
  ];
}

/** Ways that ask no generator, whatever they make. */
const composing: ReadonlySet<string> = new Set(['template', 'edit', 'demos']);

/** An instruction that was there before, with other demonstrations: no generator was asked for it. */
const isComposed = (candidate: Candidate, candidates: readonly Known[]): boolean => {
  const { origin } = candidate;
  if (origin.type === 'proposal' && composing.has(origin.operator ?? '')) return true;
  if (!candidate.demos) return false;
  const before = candidates.slice(
    0,
    Math.max(
      0,
      candidates.findIndex((one) => one.candidate.id === candidate.id),
    ),
  );
  return before.some((one) => instructionOf(one.candidate) === instructionOf(candidate));
};

const holds = ({ text }: GenerationReport, { written }: Traced): boolean => written !== '' && text.includes(written);

/** What was asked for was only a piece of the prompt. */
const isPieceOf = ({ text }: GenerationReport, { written }: Traced): boolean => {
  const piece = (/<prompt>([\s\S]*?)<\/prompt>/i.exec(text)?.[1] ?? text).trim();
  return piece !== '' && written.includes(piece);
};

const isBlank = ({ text }: GenerationReport): boolean => text.trim() === '';

type Paired = {
  readonly pairs: readonly Pair[];
  /** Something was proposed that may have come of an answer, and it cannot be told of which. */
  readonly hasStrays: boolean;
};

/**
 * Which answer of the generator came to what. They come in the same order; where an answer held none or several proposals, or something
 * was proposed without a generator, the text tells whose it is, and what is left over on both sides belongs together in its order.
 */
function pair(generations: readonly GenerationReport[], traced: readonly Traced[]): Paired {
  const open = [...traced];
  const found = new Map<GenerationReport, Traced>();
  const match = (fits: (generation: GenerationReport, one: Traced, place: number) => boolean): void => {
    for (const [place, generation] of generations.entries()) {
      if (found.has(generation)) continue;
      const at = open.findIndex((one) => fits(generation, one, place));
      const [one] = at < 0 ? [] : open.splice(at, 1);
      if (one) found.set(generation, one);
    }
  };
  const inOrder = generations.length === traced.length && traced.every((one, index) => isOwn(one, generations[index]));
  if (inOrder) match((_, one, place) => one === traced[place]);
  match(holds);
  match(isPieceOf);
  match((generation, { written, fate }) => isBlank(generation) && written === '' && fate.type === 'rejected');
  const strays = (): readonly Traced[] =>
    open.filter(({ written, fate }) => written !== '' || fate.type === 'rejected');
  if (strays().length === generations.length - found.size) match((_, one) => strays().includes(one));
  return {
    pairs: [
      ...generations.map((generation): Pair => ({ generation, fate: found.get(generation)?.fate })),
      ...open.map(({ fate }): Pair => ({ fate })),
    ],
    hasStrays: strays().length > 0,
  };
}

const isOwn = (one: Traced, generation: GenerationReport | undefined): boolean =>
  generation !== undefined && (holds(generation, one) || (one.written === '' && one.fate.type === 'rejected'));

/**
 * What each answer was asked for as. The answers to one request of the search are all alike, and what becomes of proposals is said right
 * after them: an answer to a request of which nothing came is a note, unless it is the last one of a round without an end.
 */
function withKinds({ pairs, hasStrays }: Paired, goesOn: boolean): readonly Proposal[] {
  const requests: Pair[][] = [];
  for (const one of pairs) {
    const request = requests.at(-1);
    const before = request?.at(-1)?.generation?.job ?? Infinity;
    if (request && (one.generation?.job ?? -1) > before) request.push(one);
    else requests.push([one]);
  }
  const newest = goesOn ? requests.findLast(([first]) => first?.generation) : undefined;
  return requests.flatMap((request) => {
    const isTold = request.some(({ fate }) => fate);
    return request.map((one): Proposal => {
      const isOpen = request === newest || hasStrays || (one.generation && isBlank(one.generation));
      return { ...one, kind: isTold ? 'proposal' : isOpen ? 'unclear' : 'note' };
    });
  });
}
