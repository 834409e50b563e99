import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Rejection, SearchFact, TextName } from '#core/optimizer.ts';
import type { CandidateReport, GenerationReport, RunReport } from '#core/report.ts';
import { parentIdsOf } from '#core/prompt.ts';
import { endsRound, racePlacesOf, type RacePlace } from './race.ts';

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

/** An answer of the generator and what became of it, or what was proposed without the generator. */
export type Proposal = {
  readonly generation?: GenerationReport | undefined;
  /** Absent until the search says it, and where nothing can become of it. */
  readonly fate?: Fate | undefined;
  readonly kind: 'proposal' | 'note';
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
  /** Absent while the round goes on, and before the first one. */
  readonly note?: string;
  /** Nothing more will come of it. */
  readonly isOver: boolean;
};

type Known = Pick<CandidateReport, 'candidate' | 'round'>;
type Given = Pick<RunReport, 'facts' | 'generations'> & { readonly candidates?: readonly Known[] };

/** The rounds of a run, the newest first, each with what was shown, what came back and what became of it. */
export function roundsOf({ facts, generations, candidates = [] }: Given): readonly RoundView[] {
  const rounds = new Set([...facts, ...generations].map(({ round }) => round).filter((round) => round > 0));
  if (facts.some((fact) => fact.round === 0 && isOfProposal(fact))) rounds.add(0);
  const known: Told = {
    judged: new Map([...keptBefore(facts), ...judgementsOf(facts)]),
    places: racePlacesOf(facts),
  };
  const factsOf = byRound(facts);
  const textsOf = byRound(generations);
  const addedOf = byRound(candidates.filter(({ candidate }) => candidate.origin.type === 'person'));
  return [...rounds]
    .sort((a, b) => b - a)
    .map((round) => ({
      ...viewOf(round, factsOf(round), textsOf(round), known),
      isOver: (round > 0 ? factsOf(round) : facts).some((fact) => endsRound(fact, round)),
      added: addedOf(round).map(({ candidate: { id } }): Added => {
        const judgement = known.judged.get(id);
        return { id, ...(judgement ? { judgement } : {}) };
      }),
    }));
}

/** Gone through once: a long run has thousands of facts, and all of its rounds are told anew with each. */
function byRound<T extends { readonly round: number }>(list: readonly T[]): (round: number) => readonly T[] {
  const groups = new Map<number, T[]>();
  for (const one of list) {
    const group = groups.get(one.round);
    if (group) group.push(one);
    else groups.set(one.round, [one]);
  }
  return (round) => groups.get(round) ?? [];
}

/** Before the first round no proposal is judged: the first archive says which are kept. */
const keptBefore = (facts: readonly SearchFact[]): readonly (readonly [CandidateId, Judgement])[] => {
  const [residents = []] = facts.flatMap((fact) =>
    fact.type === 'archive-changed' && fact.round === 0 ? [fact.residents] : [],
  );
  const reason = 'Kept to build on: among the best before the first round.';
  return residents.map((id) => [id, { accepted: true, reason }]);
};

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
  told: Told,
): Omit<RoundView, 'added' | 'isOver'> {
  const start = facts.find((fact) => fact.type === 'round-started');
  const finish = facts.find((fact) => fact.type === 'round-finished');
  return {
    round,
    good: start?.good ?? [],
    bad: start?.bad ?? [],
    examples: start?.examples ?? [],
    proposals: proposalsOf(facts.filter(isOfProposal), generations, told),
    ...(finish ? { note: finish.note } : {}),
  };
}

/** What the search told of its prompts. */
type Told = {
  readonly judged: ReadonlyMap<CandidateId, Judgement>;
  readonly places: ReadonlyMap<CandidateId, RacePlace>;
};

type ProposalFact = Extract<SearchFact, { type: 'candidate-proposed' | 'proposal-rejected' }>;
const isOfProposal = (fact: SearchFact): fact is ProposalFact =>
  fact.type === 'candidate-proposed' || fact.type === 'proposal-rejected';

/** The texts of a round in their order, each with what came of it, then what was proposed without a text. */
function proposalsOf(
  facts: readonly ProposalFact[],
  generations: readonly GenerationReport[],
  told: Told,
): readonly Proposal[] {
  const nameOf = ({ step, job }: TextName): string => `${step} ${job}`;
  const fates = new Map(facts.flatMap((fact) => (fact.from ? [[nameOf(fact.from), fateOf(fact, told)]] : [])));
  return [
    ...generations.map((generation): Proposal => {
      const fate = fates.get(nameOf(generation));
      return { kind: generation.purpose === 'note' ? 'note' : 'proposal', generation, ...(fate ? { fate } : {}) };
    }),
    ...facts.flatMap((fact): Proposal[] => (fact.from ? [] : [{ kind: 'proposal', fate: fateOf(fact, told) }])),
  ];
}

function fateOf(fact: ProposalFact, { judged, places }: Told): Fate {
  if (fact.type === 'proposal-rejected') {
    const { text, reason, detail } = fact;
    return { type: 'rejected', text, reason, detail };
  }
  const { id, prompt: text, origin } = fact.candidate;
  const parents = parentIdsOf(fact.candidate);
  const { operator, why } = origin.type === 'proposal' ? origin : {};
  const judgement = judged.get(id);
  const race = places.get(id);
  return {
    ...{ type: 'accepted', id, text, parents },
    ...(operator === undefined ? {} : { operator }),
    ...(why === undefined ? {} : { why }),
    ...(judgement ? { judgement } : {}),
    ...(race === undefined ? {} : { race }),
  };
}
