import { addUsage, type Spending } from '#core/budget.ts';
import type { Usage } from '#core/completion.ts';
import type { ModelRole } from '#core/run.ts';

const callsField = (role: ModelRole): 'evaluationCalls' | 'generatorCalls' =>
  role === 'evaluation' ? 'evaluationCalls' : 'generatorCalls';

export const withAnswered = (spending: Spending, role: ModelRole, calls: number, usage: Usage): Spending => ({
  ...spending,
  [callsField(role)]: spending[callsField(role)] + calls,
  ...(calls > 0 ? { [role]: addUsage(spending[role], usage) } : {}),
});

/** `uncertain`: the most that the calls can have taken, where the provider may want money for them. */
export const withFailed = (spending: Spending, role: ModelRole, calls: number, uncertain?: Usage): Spending => ({
  ...spending,
  [callsField(role)]: spending[callsField(role)] + calls,
  failedCalls: spending.failedCalls + calls,
  ...(uncertain
    ? {
        uncertainCalls: spending.uncertainCalls + calls,
        uncertain: { ...spending.uncertain, [role]: addUsage(spending.uncertain[role], uncertain) },
      }
    : {}),
});

/** Answered questions that find out what a model accepts. `usage`: absent where nobody has written it down. */
export const withProbed = (spending: Spending, role: ModelRole, calls: number, usage?: Usage): Spending => ({
  ...spending,
  probeCalls: spending.probeCalls + calls,
  ...(calls > 0 && usage ? { [role]: addUsage(spending[role], usage) } : {}),
});
