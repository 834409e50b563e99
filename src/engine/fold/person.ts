import type { ErrorDetails } from '#core/error.ts';
import { candidateId } from '#core/id.ts';
import { callsPerCell, searchCalls } from '#core/run.ts';
import type { RunState } from '../run-state.ts';
import { addCandidate, demosIn } from './candidates.ts';

/** The search asks what the person said since the last time. */
export function hear(state: RunState, step: number, round: number): void {
  const inputs = state.pending;
  state.pending = [];
  for (const input of inputs) {
    if (input.type !== 'candidate') continue;
    const { prompt, demos } = input;
    const shown = demos && state.spec ? { demos: demosIn(state.spec.split, demos) } : {};
    addCandidate(state, { id: candidateId(prompt), prompt, origin: { type: 'person' }, ...shown }, round);
  }
  const most = state.spec?.budget.rounds;
  const stop = inputs.some(({ type }) => type === 'stop-after-round')
    ? ({
        reason: round === 1 ? 'Stopped by you before the first round.' : `Stopped by you after round ${round - 1}.`,
        ended: 'finished',
      } as const)
    : most !== undefined && round > most
      ? ({
          reason: most === 1 ? 'The one round of the budget is done.' : `All ${most} rounds of the budget are done.`,
          ended: 'budget-spent',
        } as const)
      : undefined;
  const { capabilities, spec } = state;
  const perCell = spec ? callsPerCell(spec.task, capabilities.evaluation ?? { topLogprobs: 1 }) : 1;
  state.heard.set(step, { inputs, calls: spec ? searchCalls(spec, perCell) : 0, ...(stop ? { stop } : {}) });
}

/** What a person does about a stall by resuming: it was seen, and the run goes on as well as it can. */
export function takeAsConsent(state: RunState): void {
  if (state.stall?.code === 'answers-unreadable') state.answersAccepted = true;
  if (state.stall?.code === 'too-many-failures') {
    const { failed, of } = state.stall.details as ErrorDetails['too-many-failures'];
    state.failuresAccepted = Math.max(state.failuresAccepted, failed / of);
  }
  if (state.stall?.code === 'call-lost-often') state.lost.clear();
  if (state.stall?.code === 'provider-parameter') {
    const { fix } = state.stall.details as ErrorDetails['provider-parameter'];
    state.capabilities[state.lastFailed] = fix;
  }
  if (state.stall?.code === 'logprobs-missing' && state.capabilities.evaluation)
    state.capabilities.evaluation = { ...state.capabilities.evaluation, topLogprobs: 0 };
}
