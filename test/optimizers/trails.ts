import type { ExampleResult } from '#core/evaluation.ts';
import type { SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { answered, type Trail } from './by-hand.ts';

/** What tests ask of a trail. */

export const factsOf = <T extends SearchFact['type']>({ facts }: Trail, type: T) =>
  facts.filter((fact): fact is Extract<SearchFact, { type: T }> => fact.type === type);

/** What the generator was told, request by request, job by job. */
export const told = ({ asks }: Trail): readonly (readonly string[])[] =>
  asks.flatMap((ask) =>
    ask.kind === 'generate' ? [ask.jobs.map(({ messages }) => messages.map(({ content }) => content).join('\n'))] : [],
  );

export const written = (trail: Trail): readonly Candidate[] =>
  factsOf(trail, 'candidate-proposed').map(({ candidate }) => candidate);

export const operatorOf = ({ origin }: Candidate): string | undefined =>
  origin.type === 'proposal' ? origin.operator : undefined;

export const always = (result: ExampleResult) => (): ExampleResult => result;
export const right = answered('right', 0.1);
export const wrong = answered('wrong', 3);
