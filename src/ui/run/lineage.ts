import { parentIdsOf } from '#core/prompt.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { keptAndBaseline, keptIn } from './answer-grid.ts';
import { judgementsOf } from './rounds.ts';

/** Who came from whom, as a page can draw it: one line for each prompt, in the order of proposal, and lanes beside them. */
export type LineageNode = {
  readonly record: CandidateReport;
  /** From 0, on the left. */
  readonly lane: number;
  /** Of those in the picture, two at the most; the first is the one that it was written from above all. */
  readonly parents: readonly CandidateReport[];
  /** `untold`: the search does not say what became of it. */
  readonly state: 'kept' | 'undecided' | 'dropped' | 'untold';
  /** Prompts that were written from it and are folded away. */
  readonly folded: number;
};
/** A line from a parent down its lane, and over to the child at the child's own line. */
export type LineageEdge = {
  readonly from: { readonly row: number; readonly lane: number };
  readonly to: { readonly row: number; readonly lane: number };
  /** A second parent. */
  readonly further: boolean;
};
export type Lineage = {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly lanes: number;
  /** Prompts that are folded away. */
  readonly folded: number;
};

/** So many parents make a child's family: some searches show the generator ten prompts, and ten lines to each child would say nothing. */
const mostParents = 2;
const parentIds = ({ candidate }: CandidateReport): readonly string[] => parentIdsOf(candidate).slice(0, mostParents);

/** The family of the prompts. `all`: those too that the search dropped; without it they are counted at the prompt they came from. */
export function lineageOf(report: RunReport, all: boolean): Lineage {
  const byId = new Map<string, CandidateReport>(report.candidates.map((record) => [record.candidate.id, record]));
  const kept = keptIn(report);
  const wanted = keptAndBaseline(report);
  const stateOf = statesOf(report, kept);
  const undecided = [...byId.values()].filter((record) => stateOf(record) === 'undecided');
  const shown =
    all || !wanted
      ? new Set(byId.keys())
      : withAncestors(new Set([...wanted, ...undecided.map(({ candidate }) => candidate.id)]), byId);
  const records = report.candidates.filter(({ candidate }) => shown.has(candidate.id));
  const rowOf = new Map<string, number>(records.map(({ candidate }, row) => [candidate.id, row]));
  const parentsOf = (record: CandidateReport): readonly string[] =>
    parentIds(record).filter((id) => (rowOf.get(id) ?? Infinity) < (rowOf.get(record.candidate.id) ?? -1));
  const lanes = lanesOf(records, parentsOf);
  const folded = new Map<string, number>();
  for (const record of report.candidates) {
    const [first] = parentIds(record);
    if (first !== undefined && !shown.has(record.candidate.id)) folded.set(first, (folded.get(first) ?? 0) + 1);
  }
  const at = (id: string) => ({ row: rowOf.get(id) ?? 0, lane: lanes.get(id) ?? 0 });
  return {
    nodes: records.map((record) => ({
      record,
      lane: lanes.get(record.candidate.id) ?? 0,
      parents: parentsOf(record).flatMap((id) => byId.get(id) ?? []),
      state: stateOf(record),
      folded: folded.get(record.candidate.id) ?? 0,
    })),
    edges: records.flatMap((record) =>
      parentsOf(record).map((id, index) => ({ from: at(id), to: at(record.candidate.id), further: index > 0 })),
    ),
    lanes: 1 + Math.max(0, ...lanes.values()),
    folded: report.candidates.length - records.length,
  };
}

/** What the search said of each prompt: one that is still tried is not dropped, and of some starting prompts nothing is ever said. */
function statesOf(
  { facts, end }: RunReport,
  kept: ReadonlySet<string> | undefined,
): (record: CandidateReport) => LineageNode['state'] {
  const judged = judgementsOf(facts);
  const tellsAll = facts.some(({ type }) => type === 'archive-changed');
  return ({ candidate: { id }, round }) => {
    if (!kept) return 'untold';
    if (kept.has(id)) return 'kept';
    if (judged.has(id)) return 'dropped';
    if (round > 0 && !end) return 'undecided';
    return tellsAll ? 'dropped' : 'untold';
  };
}

function withAncestors(kept: ReadonlySet<string>, byId: ReadonlyMap<string, CandidateReport>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...kept];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const record = byId.get(id);
    if (!record || found.has(id)) continue;
    found.add(id);
    open.push(...parentIds(record));
  }
  return found;
}

/**
 * A prompt holds its lane until the last one that was written from it: so there are only as many lanes as there are prompts that are still
 * built on, and no line runs through another prompt.
 */
function lanesOf(
  records: readonly CandidateReport[],
  parentsOf: (record: CandidateReport) => readonly string[],
): ReadonlyMap<string, number> {
  const lastChild = new Map<string, number>();
  for (const [row, record] of records.entries()) for (const id of parentsOf(record)) lastChild.set(id, row);
  const lanes = new Map<string, number>();
  const taken: (string | undefined)[] = [];
  for (const [row, { candidate }] of records.entries()) {
    for (const [lane, holder] of taken.entries())
      if (holder !== undefined && (lastChild.get(holder) ?? -1) <= row) taken[lane] = undefined;
    const free = taken.findIndex((holder) => holder === undefined);
    const lane = free < 0 ? taken.length : free;
    lanes.set(candidate.id, lane);
    taken[lane] = lastChild.has(candidate.id) ? candidate.id : undefined;
  }
  return lanes;
}
