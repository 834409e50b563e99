import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Rejection, SearchFact } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { CandidateReport, GenerationReport, RunReport } from '#core/report.ts';

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
    }
  | { readonly type: 'rejected'; readonly text: string; readonly reason: Rejection; readonly detail: string };

export type Proposal = { readonly generation?: GenerationReport | undefined; readonly fate?: Fate | undefined };

export type RoundView = {
  /** 0: prompts that were written before the first round. */
  readonly round: number;
  readonly good: readonly CandidateId[];
  readonly bad: readonly CandidateId[];
  readonly examples: readonly ExampleId[];
  readonly proposals: readonly Proposal[];
  /** Absent while the round goes on. */
  readonly note?: string;
};

/** A fate, and the words by which it is found again in what the generator wrote; none where no generator wrote it. */
type Traced = { readonly fate: Fate; readonly written: string };

type Given = Pick<RunReport, 'facts' | 'generations'> & { readonly candidates?: readonly CandidateReport[] };

/** The rounds of a run, the newest first, each with what was shown, what came back and what became of it. */
export function roundsOf({ facts, generations, candidates = [] }: Given): readonly RoundView[] {
  const rounds = new Set([...facts, ...generations].map(({ round }) => round).filter((round) => round > 0));
  if (facts.some((fact) => fact.round === 0 && tracedOf(fact, new Map(), candidates).length > 0)) rounds.add(0);
  const of = <T extends { readonly round: number }>(list: readonly T[], wanted: number): readonly T[] =>
    list.filter(({ round }) => round === wanted);
  const judged = judgementsOf(facts);
  return [...rounds]
    .sort((a, b) => b - a)
    .map((round) =>
      viewOf(round, of(facts, round), of(generations, round), (fact) => tracedOf(fact, judged, candidates)),
    );
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
): RoundView {
  const start = facts.find((fact) => fact.type === 'round-started');
  const finish = facts.find((fact) => fact.type === 'round-finished');
  return {
    round,
    good: start?.good ?? [],
    bad: start?.bad ?? [],
    examples: start?.examples ?? [],
    proposals: pair(generations, facts.flatMap(trace)),
    ...(finish ? { note: finish.note } : {}),
  };
}

function tracedOf(
  fact: SearchFact,
  judged: ReadonlyMap<CandidateId, Judgement>,
  candidates: readonly CandidateReport[],
): Traced[] {
  if (fact.type === 'proposal-rejected') {
    const { text, reason, detail } = fact;
    return [{ fate: { type: 'rejected', text, reason, detail }, written: text }];
  }
  if (fact.type !== 'candidate-proposed') return [];
  const { candidate } = fact;
  const { id, prompt: text, origin } = candidate;
  const judgement = judged.get(id);
  return [
    {
      written: isComposed(candidate, candidates) ? '' : instructionOf(candidate),
      fate: {
        ...{ type: 'accepted', id, text },
        parents: origin.type === 'proposal' ? origin.parents : [],
        ...(origin.type === 'proposal' && origin.operator !== undefined ? { operator: origin.operator } : {}),
        ...(origin.type === 'proposal' && origin.why !== undefined ? { why: origin.why } : {}),
        ...(judgement ? { judgement } : {}),
      },
    },
  ];
}

/** An instruction that was there before, with other demonstrations: no generator was asked for it. */
const isComposed = (candidate: Candidate, candidates: readonly CandidateReport[]): boolean => {
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

/**
 * Which answer of the generator came to what. They come in the same order; where an answer held none or several proposals, or something
 * was proposed without a generator, the text tells whose it is, and what is left over on both sides belongs together in its order.
 */
function pair(generations: readonly GenerationReport[], traced: readonly Traced[]): readonly Proposal[] {
  const inOrder = generations.length === traced.length && traced.every((one, index) => isOwn(one, generations[index]));
  const open = [...traced];
  const found = generations.map((generation, index): Traced | undefined => {
    const place = inOrder
      ? open.findIndex((one) => one === traced[index])
      : open.findIndex((one) => holds(generation, one));
    return place < 0 ? undefined : open.splice(place, 1)[0];
  });
  const unclear = open.filter(({ written, fate }) => written !== '' || fate.type === 'rejected');
  if (unclear.length === found.filter((one) => one === undefined).length)
    for (const one of unclear) {
      found[found.indexOf(undefined)] = one;
      open.splice(open.indexOf(one), 1);
    }
  return [
    ...generations.map((generation, index): Proposal => ({ generation, fate: found[index]?.fate })),
    ...open.map(({ fate }): Proposal => ({ fate })),
  ];
}

const isOwn = (one: Traced, generation: GenerationReport | undefined): boolean =>
  generation !== undefined && (holds(generation, one) || (one.written === '' && one.fate.type === 'rejected'));
