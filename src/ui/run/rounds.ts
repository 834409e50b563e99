import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Rejection, SearchFact } from '#core/optimizer.ts';
import type { GenerationReport, RunReport } from '#core/report.ts';

/** What became of one proposal of the generator. */
type Fate =
  | { readonly type: 'accepted'; readonly id: CandidateId; readonly text: string }
  | { readonly type: 'rejected'; readonly text: string; readonly reason: Rejection; readonly detail: string };

export type Proposal = { readonly generation?: GenerationReport | undefined; readonly fate?: Fate | undefined };

export type RoundView = {
  readonly round: number;
  readonly good: readonly CandidateId[];
  readonly bad: readonly CandidateId[];
  readonly examples: readonly ExampleId[];
  readonly proposals: readonly Proposal[];
  /** Absent while the round goes on. */
  readonly note?: string;
};

/** The rounds of a run, the newest first, each with what was shown, what came back and what became of it. */
export function roundsOf({ facts, generations }: Pick<RunReport, 'facts' | 'generations'>): readonly RoundView[] {
  const rounds = new Set([...facts, ...generations].map(({ round }) => round).filter((round) => round > 0));
  const of = <T extends { readonly round: number }>(list: readonly T[], wanted: number): readonly T[] =>
    list.filter(({ round }) => round === wanted);
  return [...rounds].sort((a, b) => b - a).map((round) => viewOf(round, of(facts, round), of(generations, round)));
}

function viewOf(round: number, facts: readonly SearchFact[], generations: readonly GenerationReport[]): RoundView {
  const start = facts.find((fact) => fact.type === 'round-started');
  const finish = facts.find((fact) => fact.type === 'round-finished');
  return {
    round,
    good: start?.good ?? [],
    bad: start?.bad ?? [],
    examples: start?.examples ?? [],
    proposals: pair(generations, facts.flatMap(fateOf)),
    ...(finish ? { note: finish.note } : {}),
  };
}

function fateOf(fact: SearchFact): Fate[] {
  if (fact.type === 'candidate-proposed')
    return [{ type: 'accepted', id: fact.candidate.id, text: fact.candidate.prompt }];
  if (fact.type === 'proposal-rejected')
    return [{ type: 'rejected', text: fact.text, reason: fact.reason, detail: fact.detail }];
  return [];
}

/** Answers and fates come in the same order. Where an answer held none or several proposals, the text tells whose it is. */
function pair(generations: readonly GenerationReport[], fates: readonly Fate[]): readonly Proposal[] {
  if (generations.length === fates.length)
    return generations.map((generation, index) => ({ generation, fate: fates[index] }));
  const open = [...fates];
  const paired = generations.map((generation): Proposal => {
    const index = open.findIndex(({ text }) => text !== '' && generation.text.includes(text));
    return { generation, fate: index < 0 ? undefined : open.splice(index, 1)[0] };
  });
  return [...paired, ...open.map((fate): Proposal => ({ fate }))];
}
