import { expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { compareSealed, isThrough } from '#core/compare-sealed.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import { differenceSoFar } from '#core/statistics/anytime.ts';
import { mcNemarMidP, pairedDifference } from '#core/statistics/paired.ts';
import { answered, failedResult } from '../optimizers/by-hand.ts';
import { start } from '../support/hand-made-run.ts';

const rows = Array.from({ length: 40 }, (_, row) => `row ${row}` as ExampleId);
const [right, wrong] = [answered('right', 0.1), answered('wrong', 3)];

/** A prompt with these results on the sealed rows, in their order. */
const asked = (prompt: string, results: readonly (ExampleResult | undefined)[]) => ({
  candidate: start(prompt),
  results: {
    ...{ train: new Map(), validation: new Map() },
    test: new Map(results.flatMap((result, row) => (result ? [[rows[row] as ExampleId, result] as const] : []))),
  },
});
/** Nine wins and two losses for the first, on the rows that neither failed on. */
const first = (failures: number) =>
  asked(
    'a',
    rows.map((_, row) => (row < failures ? failedResult : row < failures + 2 ? wrong : right)),
  );
const second = asked(
  'b',
  rows.map((_, row) => (row >= 29 && row < 38 ? wrong : right)),
);

it('rows that failed may still be answered: where there are many, the verdict is one that holds however often one looks', () => {
  const counts = (n: number) => ({ wins: 9, losses: 2, n });
  expect(pairedDifference(counts(31))?.verdict).toBe('better');
  expect(compareSealed(first(9), second, rows)).toEqual(differenceSoFar(counts(31)));
  expect(isThrough(first(9), rows)).toBe(false);
  // one in twenty is missing for good
  expect(compareSealed(first(2), second, rows)).toEqual(pairedDifference(counts(38)));
  expect(isThrough(first(3), rows)).toBe(false);
  expect(compareSealed(first(0), second, rows)).toEqual(pairedDifference(counts(40)));
});

it('a row that was not asked yet is still to come, one that the prompt shows is not', () => {
  const some = asked(
    'a',
    rows.map((_, row) => (row === 0 ? undefined : right)),
  );
  expect(isThrough(some, rows)).toBe(false);
  const shown = { ...some, candidate: { ...some.candidate, demos: { instruction: 'a', examples: rows.slice(0, 1) } } };
  expect(isThrough(shown, rows)).toBe(true);
});

it('two looks at equal prompts are wrong too often where a fifth of the rows failed in between, and hardly where one in twenty did', () => {
  const runs = 4000;
  const random = createRandom(1);
  /** Share of runs in which the whole test says better or worse, at the first look or at the second. */
  const alarms = (n: number, failures: number): number => {
    let said = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { wins: 0, losses: 0, n: 0 };
      let verdicts = 0;
      for (counts.n = 1; counts.n <= n; counts.n++) {
        const draw = random.next();
        if (draw < 0.15) counts.wins += 1;
        else if (draw < 0.3) counts.losses += 1;
        const isLook = counts.n === n - failures || counts.n === n;
        if (isLook && mcNemarMidP(counts) <= 0.05) verdicts += 1;
      }
      said += Number(verdicts > 0);
    }
    return said / runs;
  };
  expect(alarms(60, 12)).toBeGreaterThan(0.065);
  expect(alarms(60, 3)).toBeLessThan(0.065);
  expect(alarms(200, 10)).toBeLessThan(0.065);
});
