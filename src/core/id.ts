import { hashOf } from '#lib/hash.ts';

declare const brand: unique symbol;
/**
 * An opaque name: a plain string is not one, so ids of different things cannot be mixed up. Minted in this file; storage gives those that
 * it reads their type back.
 */
type Id<Of extends string> = string & { readonly [brand]: Of };

/** Hash of the content of a row: the same row has the same id in every import, order and split. */
export type ExampleId = Id<'Example'>;
/** Hash of the prompt text: proposing the same prompt twice is seen at once. */
export type CandidateId = Id<'Candidate'>;
/** Hash of everything that can change an answer: the key of the answer cache. */
export type CallKey = Id<'Call'>;
/** Hash of the rows of a data set and of what each column stands for. */
export type DatasetId = Id<'Dataset'>;
export type RunId = Id<'Run'>;

const short = (hash: string): string => hash.slice(0, 16);

/** `repeat` tells apart rows that are equal in every cell: 0 for the first, 1 for the second … */
export const exampleId = (
  content: {
    readonly inputs: Readonly<Record<string, string>>;
    readonly targets: readonly string[];
    readonly choices?: readonly string[];
  },
  repeat = 0,
): ExampleId => short(hashOf({ example: { ...content }, repeat })) as ExampleId;

export const candidateId = (prompt: string): CandidateId => short(hashOf({ prompt })) as CandidateId;

/** Name of a call. Frozen: a change here is a new `v`, or paid answers would be orphaned. */
export const callKey = (fingerprint: string, request: Readonly<Record<string, unknown>>): CallKey =>
  hashOf({ v: 1, fingerprint, request: JSON.parse(JSON.stringify(request)) as never }) as CallKey;

export const datasetId = (content: Readonly<Record<string, unknown>>): DatasetId =>
  short(hashOf(JSON.parse(JSON.stringify(content)) as never)) as DatasetId;

/** Run ids are handed out by whoever starts a run: the time and the seed make them unique and sortable. */
export const runId = (startedAt: number, seed: number): RunId =>
  `${new Date(startedAt).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${seed}` as RunId;
