import { noFaults, quiet, type Knobs } from './knobs.ts';
import { play } from './run-history.ts';

/** Fewer and fewer knobs that are turned, as long as the same promise is broken. */
export async function shrink(knobs: Knobs, promise: string): Promise<Knobs> {
  let least = knobs;
  for (let changed = true; changed;) {
    changed = false;
    for (const simpler of simplerThan(least)) {
      if (JSON.stringify(simpler) === JSON.stringify(least)) continue;
      const { violations } = await play(simpler);
      if (!violations.some((violation) => violation.promise === promise)) continue;
      least = simpler;
      changed = true;
      break;
    }
  }
  return least;
}

function* simplerThan(knobs: Knobs): Generator<Knobs> {
  for (const list of ['happenings', 'diskFaults'] as const)
    for (const item of knobs[list])
      yield { ...knobs, [list]: (knobs[list] as readonly unknown[]).filter((other) => other !== item) };
  yield { ...knobs, faults: noFaults };
  for (const fault of Object.keys(knobs.faults) as (keyof Knobs['faults'])[]) {
    if (fault === 'most' || !knobs.faults[fault]) continue;
    const { [fault]: _, ...rest } = knobs.faults;
    yield { ...knobs, faults: { ...noFaults, ...rest } };
  }
  for (const knob of Object.keys(quiet) as (keyof Knobs)[])
    if (knob !== 'seed' && knob !== 'faults') yield { ...knobs, [knob]: quiet[knob] };
  for (const concurrency of [2, 4]) if (concurrency < knobs.concurrency) yield { ...knobs, concurrency };
  if (knobs.faults.most > 1) yield { ...knobs, faults: { ...knobs.faults, most: knobs.faults.most >> 1 } };
}

/** The knobs that are turned, as they are written into a test. */
export const turned = (knobs: Knobs): Partial<Knobs> =>
  Object.fromEntries(
    Object.entries(knobs).filter(
      ([knob, value]) => JSON.stringify(value) !== JSON.stringify(quiet[knob as keyof Knobs]),
    ),
  );
