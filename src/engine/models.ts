import type { Capabilities, ModelClient, ProbeReply } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { RunId } from '#core/id.ts';
import type { ModelRole, RunSpec } from '#core/run.ts';
import { Bill } from './bill.ts';
import { ask, type CallTools } from './calls/asked.ts';
import type { Traffic } from './calls/traffic.ts';

/** Secrets are added here and never pass through the spec. `known`: what this model accepts, when the journal says so. */
export type Connect = (
  spec: RunSpec,
  role: ModelRole,
  dataset: Dataset,
  known: Capabilities | undefined,
) => Promise<ModelClient>;

type ModelTools = Omit<CallTools, 'role' | 'client' | 'lane' | 'random' | 'underWay'> & {
  readonly spec: RunSpec;
  readonly dataset: Dataset;
  readonly traffic: Traffic;
  readonly connect: Connect;
};

/** A model that knows what it accepts, ready to be asked: from the journal, else by asking it once. */
export async function connectModel(role: ModelRole, tools: ModelTools, signal: AbortSignal): Promise<CallTools> {
  const { spec, dataset, traffic, connect, state, committer } = tools;
  const connected = async (known: Capabilities | undefined): Promise<CallTools> => {
    const client = await connect(spec, role, dataset, known);
    const { random, underWay } = traffic;
    return { ...tools, role, client, lane: traffic.lane(client), random, underWay };
  };
  const known = state.capabilities[role];
  if (known) return connected(known);
  const same = role === 'generator' && sameModel(spec) ? state.capabilities.evaluation : undefined;
  if (same) await committer.commit({ events: [{ type: 'model-probed', role, capabilities: same, calls: 0 }] });
  return connected(same ?? (await probeModel(spec.id, await connected(undefined), signal)));
}

const sameModel = ({ models }: RunSpec): boolean =>
  models.evaluation.provider === models.generator.provider &&
  JSON.stringify(models.evaluation.values) === JSON.stringify(models.generator.values);

/**
 * Finds out what a model accepts. Its questions are calls like all others: noted, counted, held back and tried again. Each answer is
 * journaled before the next question is sent. After a crash the answers are found in the cache; what was refused is asked again, and free.
 */
async function probeModel(run: RunId, tools: CallTools, signal: AbortSignal): Promise<Capabilities> {
  const { client, role } = tools;
  const heard: ProbeReply[] = [];
  for (let bill = new Bill(tools); ;) {
    const step = client.probe(heard);
    if ('found' in step) {
      const { calls, usage } = bill;
      await bill.settle({ type: 'model-probed', role, capabilities: step.found, calls, usage });
      return step.found;
    }
    await bill.keep({ probe: true });
    bill = new Bill(tools);
    const reply = await ask(step.request, { ...tools, client: askedAs(client, run, step.accepts) }, signal);
    if (!('error' in reply)) bill.add(reply);
    heard.push(reply);
  }
}

/** For one question of a probe: what is left out of it belongs to its name, and the run, because a server may have changed since another. */
const askedAs = (client: ModelClient, run: RunId, accepts: Capabilities): ModelClient => ({
  ...client,
  fingerprint: probeFingerprint(client.fingerprint, run, accepts),
  complete: (request, signal, options) => client.complete(request, signal, { ...options, accepts }),
});

/** What stands for the model in the names of a probe's calls. */
export const probeFingerprint = (fingerprint: string, run: RunId, { topLogprobs, rejected }: Capabilities): string =>
  `${fingerprint}/probe/${run}/${topLogprobs}/${rejected.join()}`;
