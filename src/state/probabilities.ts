import type { Completion } from '#core/completion.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { CallKey } from '#core/id.ts';
import { givenProbability, rightAnswerProbabilities, type JudgedAnswer } from '#core/reliability.ts';
import type { AnswerReading } from '#core/task.ts';

/** Whose probabilities these are. */
export type AnswerProbabilities = {
  readonly of: 'given' | 'right';
  readonly answers: readonly JudgedAnswer[];
  /** Answers whose probability is not known. */
  readonly unknown: number;
};

type ReadCompletion = (call: CallKey) => Promise<Completion | undefined>;

/** Reads each answer once, however often it is asked for. What could not be read is tried again. */
export function readOnce(read: ReadCompletion): ReadCompletion {
  const known = new Map<CallKey, Promise<Completion | undefined>>();
  return (call) => {
    const found = known.get(call) ?? read(call);
    known.set(call, found);
    found.catch(() => known.delete(call));
    return found;
  };
}

/**
 * Probabilities of the answers that were given, from the answers as they came. A run that was made in another browser brings its
 * journal and not those: then what the journal knows of the right answers has to do.
 */
export async function answerProbabilities(
  results: Iterable<ExampleResult>,
  completion: ReadCompletion,
  reading?: AnswerReading,
): Promise<AnswerProbabilities> {
  const judged = [...results].filter(
    (result) => result.type === 'answered' && (result.outcome === 'right' || result.outcome === 'wrong'),
  ) as readonly Extract<ExampleResult, { type: 'answered' }>[];
  const found = await Promise.all(
    judged.map(async ({ call, outcome }): Promise<JudgedAnswer | undefined> => {
      const came = await completion(call);
      const probability = came && givenProbability(came, reading);
      return probability === undefined ? undefined : { probability, right: outcome === 'right' };
    }),
  );
  const given = found.flatMap((answer) => answer ?? []);
  if (given.length > 0) return { of: 'given', answers: given, unknown: judged.length - given.length };
  const right = rightAnswerProbabilities(judged);
  return { of: 'right', answers: right, unknown: judged.length - right.length };
}
