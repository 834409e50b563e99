import { describe, expect, it } from 'vitest';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { ReadOptions, Table } from '#core/import.ts';
import { applyMapping, columnFacts, guessMapping } from '#importers/mapping.ts';
import { guessTargetIs } from '#importers/options.ts';
import { ImportWizard, type ImportStep, type ImportTools } from '#state/import-wizard.svelte.ts';

type MapStep = Extract<ImportStep, { type: 'map' }>;
const blob = new Blob(['any']);
const rows = [
  ['Which is red?', 'blood', 'grass', '1'],
  ['Which is green?', 'blood', 'grass', '2'],
];
const tableOf = (source: string): Table => ({ source, columns: ['question', 'A', 'B', 'answer'], rows, notes: [] });

/** A wizard with a reader of the test's making; what it saves is kept in a list. */
function wizardWith(readFile: (name: string, options: ReadOptions, signal: AbortSignal) => Promise<Table>): {
  readonly wizard: ImportWizard;
  readonly saved: Dataset[];
} {
  const saved: Dataset[] = [];
  const tools: ImportTools = {
    worker: { readFile: ({ name }, options, _, signal) => readFile(name, options, signal) },
    guessMapping,
    guessTargetIs,
    applyMapping,
    columnFacts,
    now: () => 5,
    save(dataset) {
      saved.push(dataset);
      return Promise.resolve();
    },
  };
  return { wizard: new ImportWizard(() => Promise.resolve(tools)), saved };
}
const reading = (): ReturnType<typeof wizardWith> => wizardWith((name) => Promise.resolve(tableOf(name)));
const mapStep = ({ step }: ImportWizard): MapStep => {
  if (step.type !== 'map') throw new Error(`The wizard stands at ${step.type}`);
  return step;
};

describe('from a file to a data set', () => {
  it('reads, proposes what the columns are, and keeps nothing before it is told to', async () => {
    const { wizard, saved } = reading();
    await wizard.read({ name: 'my.quiz.csv', blob });
    const { mapping, facts, preview } = mapStep(wizard);
    expect(mapping).toMatchObject({ inputs: ['question'], target: ['answer'], targetIs: 'index-1' });
    expect(facts.map(({ name }) => name)).toEqual(['question', 'A', 'B', 'answer']);
    expect(preview?.examples.map(({ targets }) => targets)).toEqual([['A'], ['B']]);
    expect(wizard.name).toBe('my.quiz');
    expect(saved).toEqual([]);
    wizard.name = ' Colours ';
    const dataset = await wizard.finish();
    expect(saved).toEqual([dataset]);
    expect(dataset).toMatchObject({ name: 'Colours', source: 'my.quiz.csv', importedAt: 5 });
    expect(wizard.step).toEqual({ type: 'choose' });
  });

  it('says why no row is left, and goes on from there', async () => {
    const { wizard } = reading();
    await wizard.read({ name: 'quiz.csv', blob });
    const { mapping } = mapStep(wizard);
    await wizard.setMapping({ ...mapping, target: [] });
    expect(mapStep(wizard)).toMatchObject({ preview: undefined, problem: { code: 'import-no-examples' } });
    await wizard.setMapping(mapping);
    expect(mapStep(wizard).preview?.examples).toHaveLength(2);
  });

  it('guesses how answers name options that were chosen by hand', async () => {
    const { wizard } = reading();
    await wizard.read({ name: 'quiz.csv', blob });
    const choices = { type: 'columns', columns: ['A', 'B'] } as const;
    await wizard.setMapping({ inputs: ['question'], target: ['answer'], choices });
    expect(mapStep(wizard).mapping.targetIs).toBe('index-1');
    await wizard.setMapping({ inputs: ['question'], target: ['answer'], choices, targetIs: 'letter' });
    expect(mapStep(wizard).mapping.targetIs).toBe('letter');
  });
});

describe('a file that cannot be read', () => {
  it('is remembered with its error, so that it can be read in another way', async () => {
    const error = new AppError('import-no-rows', { file: 'quiz.csv', columns: ['question'] });
    const { wizard } = wizardWith((name, { header }) =>
      header === false ? Promise.resolve(tableOf(name)) : Promise.reject(error),
    );
    await wizard.read({ name: 'quiz.csv', blob });
    expect(wizard.step).toEqual({ type: 'choose', error, source: { name: 'quiz.csv', blob } });
    wizard.name = 'My quiz';
    await wizard.readAgain({ header: false });
    expect(mapStep(wizard).table.source).toBe('quiz.csv');
    expect(wizard).toMatchObject({ name: 'My quiz', options: { header: false } });
  });

  it('has nothing to read again before a file was chosen', async () => {
    const { wizard } = reading();
    await wizard.readAgain({ header: false });
    expect(wizard.step).toEqual({ type: 'choose' });
  });
});

describe('while a file is read', () => {
  /** Each file waits until the test lets it go; an aborted one is refused, as the worker does it. */
  function waiting() {
    const go = new Map<string, () => void>();
    const made = wizardWith(
      (name, _, signal) =>
        new Promise((resolve, reject) => {
          go.set(name, () => resolve(tableOf(name)));
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    return { ...made, go };
  }

  it('the last file chosen wins', async () => {
    const { wizard, go } = waiting();
    const first = wizard.read({ name: 'first.csv', blob });
    await expect.poll(() => go.has('first.csv')).toBe(true);
    const second = wizard.read({ name: 'second.csv', blob });
    await expect.poll(() => go.has('second.csv')).toBe(true);
    go.get('first.csv')?.();
    await first;
    expect(wizard.step).toMatchObject({ type: 'reading', file: 'second.csv' });
    go.get('second.csv')?.();
    await second;
    expect(mapStep(wizard).table.source).toBe('second.csv');
  });

  it('cancelling is no error', async () => {
    const { wizard, go } = waiting();
    const read = wizard.read({ name: 'first.csv', blob });
    await expect.poll(() => go.has('first.csv')).toBe(true);
    wizard.cancel();
    await read;
    expect(wizard.step).toEqual({ type: 'choose' });
  });
});
