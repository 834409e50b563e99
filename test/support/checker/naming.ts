import { callKey, type CallKey } from '#core/id.ts';
import { defaultsOf } from '#core/fields.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { requestFrom } from '../fault-server/mind.ts';
import type { LedgerRow } from '../fault-server/types.ts';

/**
 * The app's own name of what came over the wire: the request is read back from the body and named by the app's own function, with the
 * fingerprint of the app's own client. Sound as long as the model accepts every parameter; where it does not, no row finds its call, and
 * the checker says that it was billed without an explanation.
 */
export async function namesAt(
  baseUrl: string,
  models: readonly string[],
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
    return body && fingerprint !== undefined ? callKey(fingerprint, requestFrom(body)) : undefined;
  };
}
