import type { Budget } from '#core/budget.ts';
import { limitsLength, type Capabilities } from '#core/completion.ts';
import { describeError } from '#core/messages.ts';
import type { ModelChoice, ModelRole } from '#core/run.ts';

type Models = Readonly<Record<ModelRole, Pick<ModelChoice, 'provider' | 'values'>>>;
/** As far as they are known already. */
type Accepted = Readonly<Partial<Record<ModelRole, Capabilities | undefined>>>;

/**
 * Models under which a limit of tokens or dollars would be none. A request is set aside at its worst before it is sent, which is as long
 * as its answer may be; what takes no limit of length has no worst.
 */
export function unboundedModels({ tokens, costUsd }: Budget, models: Models, accepted: Accepted): readonly string[] {
  if (tokens === undefined && costUsd === undefined) return [];
  const roles = (['evaluation', 'generator'] as const).filter((role) => {
    const accepts = accepted[role];
    return accepts && !limitsLength(accepts);
  });
  return [...new Set(roles.map((role) => String(models[role].values['model'] ?? models[role].provider)))];
}

/** The same as a sentence with the way out. */
export function unboundedProblems(budget: Budget, models: Models, accepted: Accepted): readonly string[] {
  const names = unboundedModels(budget, models, accepted);
  if (names.length === 0) return [];
  return [`${describeError('answers-unbounded', { models: names }).sentence} Limit the calls instead.`];
}
