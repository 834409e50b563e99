import type { ErrorRecord } from '#core/error.ts';
import type { AnswerReading } from '#core/task.ts';

/** What stands in a stall because of answers that could not be read. It went through a journal, so it is looked at twice. */
export const samplesOf = ({ details }: ErrorRecord): readonly string[] =>
  Array.isArray(details['samples']) ? details['samples'].filter((text) => typeof text === 'string') : [];

export function proposalOf({ details }: ErrorRecord): AnswerReading | undefined {
  const given: unknown = details['proposal'];
  if (typeof given !== 'object' || given === null || !('type' in given)) return undefined;
  const text = (name: string): string | undefined => {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [mark, tag, field] = [text('mark'), text('name'), text('field')];
  if (given.type === 'after' && mark !== undefined) return { type: 'after', mark };
  if (given.type === 'tag' && tag !== undefined) return { type: 'tag', name: tag };
  if (given.type === 'json' && field !== undefined) return { type: 'json', field };
  return given.type === 'last-line' ? { type: 'last-line' } : undefined;
}
