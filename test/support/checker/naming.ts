import type { Capabilities } from '#core/completion.ts';
import { callKey, type CallKey, type RunId } from '#core/id.ts';
import { defaultsOf } from '#core/fields.ts';
import { probeFingerprint } from '#engine/models.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { requestFrom } from '../fault-server/mind.ts';
import type { LedgerRow } from '../fault-server/types.ts';

const mostAlternatives = 20;

/**
 * The app's own name of what came over the wire: the request is read back from the body and named by the app's own function, with the
 * fingerprint of the app's own client. Sound as long as the model accepts every parameter; where it does not, no row finds its call, and
 * the checker says that it was billed without an explanation.
 */
export async function namesAt(
  baseUrl: string,
  models: readonly string[],
  run: RunId,
): Promise<(row: LedgerRow) => CallKey | undefined> {
  const fingerprints = new Map<string, string>();
  for (const model of models) {
    const client = await openAiCompatible.connect(
      { ...defaultsOf(openAiCompatible.fields), baseUrl, model },
      { clock: systemClock },
    );
    fingerprints.set(model, client.fingerprint);
  }
  return ({ body }) => {
    const fingerprint = body && fingerprints.get(body.model);
    if (!body || fingerprint === undefined) return undefined;
    const request = requestFrom(body);
    if (body.stop === undefined) return callKey(fingerprint, request);
    // only the question that finds out what a model accepts asks for stops; it wants as many alternatives as any, whatever is tried
    const accepts: Capabilities = { topLogprobs: request.topLogprobs, rejected: [] };
    return callKey(probeFingerprint(fingerprint, run, accepts), { ...request, topLogprobs: mostAlternatives });
  };
}
