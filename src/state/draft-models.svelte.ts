import type { Price } from '#core/budget.ts';
import type { Capabilities } from '#core/completion.ts';
import { checkValues, withoutSecrets } from '#core/fields.ts';
import type { ModelChoice, ModelRole } from '#core/run.ts';
import { providerChoices } from './choices.ts';
import type { DraftStart } from './draft-start.ts';
import {
  isSimulated,
  modelDraftOf,
  plainModel,
  Remembered,
  simulatedModel,
  type ConnectionResult,
  type ModelDraft,
} from './model-draft.ts';
import { pageProblem } from './origin.ts';

/** What a test of the connection found, for the values that were tested. */
type Tested = { readonly values: ModelDraft['values']; readonly result: ConnectionResult };

/** The models of a run that is being set up. */
export class DraftModels {
  evaluation = $state.raw<ModelDraft>(simulatedModel());
  generator = $state.raw<ModelDraft>(simulatedModel());
  /** The evaluation model is chosen as generator, too. */
  same = $state(true);
  #tested = $state.raw<Partial<Record<ModelRole, Tested>>>({});
  readonly #remembered = new Remembered();
  readonly #asksGenerator: () => boolean;

  constructor(asksGenerator: () => boolean) {
    this.#asksGenerator = asksGenerator;
  }

  open(models: DraftStart['models']): void {
    if (models?.evaluation) this.evaluation = modelDraftOf(models.evaluation);
    if (models?.generator) this.generator = modelDraftOf(models.generator);
    this.same = JSON.stringify(this.evaluation) === JSON.stringify(this.generator);
  }

  /** As they were chosen, whether the present search asks a generator or not. */
  get chosen(): Record<ModelRole, ModelDraft> {
    const { evaluation, generator, same } = this;
    return { evaluation, generator: same ? evaluation : generator };
  }

  /** What they can be opened with again: all of it but the keys. */
  toStart(): Record<ModelRole, ModelChoice> {
    const plain = (model: ModelDraft): ModelChoice => {
      const { values, ...rest } = plainModel(model);
      const fields = providerChoices.find(({ id }) => id === rest.provider)?.fields ?? {};
      return { ...rest, values: withoutSecrets(fields, values) };
    };
    const { evaluation, generator } = this.chosen;
    return { evaluation: plain(evaluation), generator: plain(generator) };
  }

  /** Whether the chosen search has anything written at all. */
  get asksGenerator(): boolean {
    return this.#asksGenerator();
  }

  /** One model plays both parts: by choice, or since nothing is asked of a generator, which then needs neither key nor address. */
  get areOne(): boolean {
    return this.same || !this.asksGenerator;
  }

  /** The parts whose model has to be set up. */
  get roles(): readonly ModelRole[] {
    return this.areOne ? ['evaluation'] : ['evaluation', 'generator'];
  }

  get simulated(): boolean {
    return this.roles.some((role) => isSimulated(this[role]));
  }

  /** The model that plays this part. */
  of(role: ModelRole): ModelDraft {
    return this.areOne ? this.evaluation : this[role];
  }

  set(role: ModelRole, model: ModelDraft): void {
    this[role] = this.#remembered.moved(this[role], model);
  }

  setPrice(role: ModelRole, price: Price | undefined): void {
    const { price: _, ...model } = this[role];
    this[role] = price ? { ...model, price } : model;
  }

  chooseProvider(role: ModelRole, id: string): void {
    this[role] = this.#remembered.provider(role, this[role], id);
  }

  setTested(role: ModelRole, values: ModelDraft['values'], result: ConnectionResult): void {
    this.#tested = { ...this.#tested, [role]: { values, result } };
  }

  /** What the last test found; undefined once anything of the model was changed since. */
  testOf(role: ModelRole): ConnectionResult | undefined {
    const asked: ModelRole = this.areOne ? 'evaluation' : role;
    const tested = this.#tested[asked];
    return tested?.values === this[asked].values ? tested.result : undefined;
  }

  /** What the model accepts, where that is known. */
  capabilitiesOf(role: ModelRole): Capabilities | undefined {
    if (isSimulated(this.of(role))) return { topLogprobs: 20, rejected: [] };
    const result = this.testOf(role);
    return result?.ok ? result.capabilities : undefined;
  }

  problemsOf(role: ModelRole): readonly string[] {
    const { provider, values } = this[role];
    const known = providerChoices.find(({ id }) => id === provider);
    return known
      ? [...checkValues(known.fields, values).problems, ...[pageProblem(values) ?? []].flat()]
      : [`The provider “${provider}” is not part of this version.`];
  }
}
