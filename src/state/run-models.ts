import { isLocal } from '#core/address.ts';
import type { ErrorRecord } from '#core/error.ts';
import { defaultsOf, secretsOf, type Fields, type FieldValue } from '#core/fields.ts';
import { describeThrown, type Message } from '#core/messages.ts';
import type { Plan } from '#core/optimizer.ts';
import type { RunReport } from '#core/report.ts';
import { planForRun } from '#core/run-plan.ts';
import { searchCalls, type ModelChoice, type RunSpec } from '#core/run.ts';
import { secretPlace } from '#engine/api.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { providerOf } from '#providers/index.ts';
import { toAppError } from './engine-client.ts';
import type { Secrets } from './secrets.svelte.ts';

/** What the plug-ins of a run say of it. A run is frozen, and this version may not know all that it names. */

/** What the run will take by its optimizer's own plan, in answers; undefined where this version has another optimizer. */
export function planOf({ spec, callsPerAnswer }: Pick<RunReport, 'spec' | 'callsPerAnswer'>): Plan | undefined {
  const optimizer = optimizerOf(spec.optimizer.id);
  if (optimizer?.version !== spec.optimizer.version) return undefined;
  return planForRun(optimizer, spec, searchCalls(spec, callsPerAnswer));
}

/**
 * Whether a search has anything written at all, with as many calls as it likes: a comparison of the prompts that are there has nothing for a
 * generator to do.
 */
export function asksGenerator(optimizer: string): boolean {
  const known = optimizerOf(optimizer);
  const plan = known?.plan(defaultsOf(known.fields), { train: 60, validation: 60, seeds: 4 }, 1e5);
  return plan?.generatorCalls !== 0;
}

/** Whether the run only looks for the best of the prompts that are there. */
export const onlyCompares = ({ optimizer }: Pick<RunSpec, 'optimizer'>): boolean => optimizer.id === 'compare';

export const optimizerName = ({ optimizer }: RunSpec): string => optimizerOf(optimizer.id)?.label ?? optimizer.id;

/** The model in its provider's words, such as `gpt-5-mini, OpenAI or compatible`. */
export function modelName({ provider, values }: ModelChoice): string {
  const model = typeof values['model'] === 'string' ? values['model'] : '';
  return [model, providerOf(provider)?.label ?? provider].filter(Boolean).join(', ');
}

/** A place that takes a key: keys are never stored, so a run that is taken up after a reload may have to ask for one again. */
export type KeySlot = {
  readonly id: string;
  readonly choice: ModelChoice;
  /** Where the key goes: the host, or the provider's name. */
  readonly place: string;
  /** The secret fields of the provider. */
  readonly fields: Fields;
  /** A key for this place is in memory. */
  readonly known: boolean;
  /** It is in memory, and the place has refused it. */
  readonly refused: boolean;
};

/** @param halt  what keeps the run from going on: where it is a refused key, another one is wanted for that place alone */
export function keySlots({ models }: RunSpec, secrets: Pick<Secrets, 'of'>, halt?: ErrorRecord): readonly KeySlot[] {
  const refusing = halt?.code === 'provider-unauthorized' ? halt.details['host'] : undefined;
  const slots = [models.evaluation, models.generator].flatMap((choice): KeySlot[] => {
    const provider = providerOf(choice.provider);
    const names = provider ? secretsOf(provider.fields) : [];
    if (!provider || names.length === 0) return [];
    const url = choice.values['baseUrl'];
    const place = typeof url === 'string' && URL.canParse(url) ? new URL(url).host : provider.label;
    const known = Object.keys(secrets.of(choice)).length > 0;
    return [
      {
        ...{ id: secretPlace(choice), choice, place, known, refused: known && place === refusing },
        fields: Object.fromEntries(Object.entries(provider.fields).filter(([name]) => names.includes(name))),
      },
    ];
  });
  return [...new Map(slots.map((slot) => [slot.id, slot])).values()];
}

/** Keys that are missing for sure or perhaps: a server on this computer rarely wants one. */
export const missingKeys = (spec: RunSpec, secrets: Pick<Secrets, 'of'>, halt?: ErrorRecord): readonly KeySlot[] =>
  keySlots(spec, secrets, halt).filter(
    ({ known, refused, choice }) => refused || (!known && !isLocal(choice.values['baseUrl'])),
  );

/** What is being typed, by the id of the slot. */
export type TypedKeys = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

/** Takes typed keys into memory. */
export function keepTyped(slots: readonly KeySlot[], typed: TypedKeys, secrets: Pick<Secrets, 'keep'>): void {
  for (const slot of slots) keepKeys(slot, typed[slot.id] ?? {}, secrets);
}

function keepKeys(slot: KeySlot, values: Readonly<Record<string, FieldValue>>, secrets: Pick<Secrets, 'keep'>): void {
  secrets.keep({ ...slot.choice, values: { ...slot.choice.values, ...values } }, slot.fields);
}

/** Why a run waits for a person, in words. */
export const stalledBy = (stall: ErrorRecord): Message => describeThrown(toAppError(stall));
