import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Completion } from '#core/completion.ts';
import type { CallKey } from '#core/id.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { expectPromisesKept } from '../support/checker/check.ts';
import { digest } from '../support/drive.ts';
import { Lives } from '../support/power-cut.ts';

const dataset = makeDataset(24);

/** The answers that stand on disk at the end, of all calls that anybody has heard of. */
async function storedAnswers({ storage, ledger }: Lives): Promise<ReadonlyMap<CallKey, Completion>> {
  const found = new Map<CallKey, Completion>();
  for (const { call } of ledger) {
    const completion = await storage.answers.get(call as CallKey);
    if (completion) found.set(call as CallKey, completion);
  }
  return found;
}

describe('a run that is killed at random points, again and again', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const killsEach = 30;

  it.each(seeds)(
    'B17 comes to the same end; nothing is lost, and nothing paid for twice but what was under way (seed %i)',
    async (seed) => {
      const spec = makeSpec(dataset, { seed, concurrency: 1 + (seed % 6) });
      const whole = new Lives(dataset);
      const undisturbed = await whole.live(spec);
      if (!undisturbed.state) throw new Error('the undisturbed run has no end');
      const reference = digest(undisturbed.state);

      const lives = new Lives(dataset);
      const random = createRandom(`kills/${seed}`);
      let kills = 0;
      // short lives first, so that all of them fit into one run
      const longest = Math.floor((2 * undisturbed.points) / killsEach);
      let end = await lives.live(spec, 1 + random.integer(longest));
      while (!end.state) {
        kills += 1;
        end = await lives.live(spec, kills < killsEach ? 4 + random.integer(longest) : Infinity);
      }
      expect(kills).toBeGreaterThanOrEqual(killsEach / 2);
      await expectPromisesKept({
        entries: await lives.storage.journal.read(spec.id),
        ledger: lives.ledger,
        nameOf: ({ call }) => call as CallKey | undefined,
        answers: await storedAnswers(lives),
        sent: lives.sent,
        acknowledged: lives.acknowledged,
        digests: { actual: digest(end.state), reference },
        hiddenResends: 'impossible',
      });
      expect(await lives.storage.journal.open(spec.id)).toEqual([]);
      const { uncertainCalls } = end.state.spending;
      const extra = lives.ledger.filter(({ billed }) => billed).length - whole.ledger.length;
      expect(extra, 'paid for again').toBeLessThanOrEqual(uncertainCalls);
      expect(uncertainCalls, 'under way at the kills').toBeLessThanOrEqual(kills * spec.concurrency);
    },
  );
});
