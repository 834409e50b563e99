import { counted } from '#lib/counted.ts';
import { createRandom } from '#lib/random.ts';
import { checkValues } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import { drive, type DriverTools } from './driver.ts';
import { specOf } from './run-state.ts';
import type { SessionTools } from './session-tools.ts';
import { seedIds } from './spec-problems.ts';

/** Runs the optimizer of a run to its end, and writes down what it found. It begins anew each time: what is known already is not asked again. */
export async function search(
  optimizerOf: SessionTools['optimizer'],
  tools: DriverTools,
  signal: AbortSignal,
): Promise<void> {
  const { state, committer, examples } = tools;
  const { task, split, seed, optimizer: chosen, ...spec } = specOf(state);
  const optimizer = optimizerOf(chosen.id);
  if (!optimizer) throw new Error(`Bug: no optimizer ${chosen.id}`);
  const rows = (ids: readonly ExampleId[]) => ids.flatMap((id) => examples.get(id) ?? []);
  const context = {
    task,
    train: rows(split.train),
    validation: rows(split.validation),
    random: createRandom(seed).fork(chosen.id),
    calls: state.callsAtStart,
    seeds: seedIds(spec).flatMap((id) => state.candidates.get(id)?.candidate ?? []),
  };
  const outcome = await drive(
    optimizer.run(context, checkValues(optimizer.fields, chosen.values).values),
    tools,
    signal,
  );
  const { minutesUp } = state;
  const isTime = outcome.ended === 'budget-spent' && minutesUp !== undefined;
  const reason = isTime
    ? `${outcome.reason} The limit of ${counted(minutesUp, 'minute')} was reached.`
    : outcome.reason;
  await committer.commit({ events: [{ type: 'search-ended', ...outcome, reason }] });
}
