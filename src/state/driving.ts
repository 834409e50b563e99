import { systemClock } from '#lib/clock.ts';
import { AppError, isAppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import { headOf } from '#core/run-head.ts';
import type { ModelChoice, RunSpec } from '#core/run.ts';
import { secretPlace } from '#engine/api.ts';
import type { App } from './app.svelte.ts';
import { drivenElsewhere, findDriver } from './drivers.ts';
import type { ConnectionResult, ModelDraft } from './model-draft.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import { placeOf } from './secrets.svelte.ts';

/** Providers come with the first page that needs them, not with the first look at the app. */
const loadProviders = () => import('#providers/index.ts');

/** Everything that makes the engine ask a model: runs that are started, taken up and gone on with, and questions to one model. */
export class Driving {
  readonly #app: App;
  /** Runs that this page took up: after a visit elsewhere and back it goes on with them. */
  #mine: readonly RunId[] = [];

  constructor(app: App) {
    this.#app = app;
  }

  /**
   * Starts the draft and shows the run. `takeOver`: takes the right to drive from the tab that has it, and its runs along where their
   * keys are here; those that are paused stay so.
   * @throws AppError `run-invalid` with everything that is wrong, `driven-elsewhere`
   */
  async start(draft: RunDraft, how: { readonly trial?: boolean; readonly takeOver?: boolean } = {}): Promise<RunId> {
    const { engine, keeping, network, router, storage } = this.#app;
    void keeping.askToPersist();
    const now = systemClock.now();
    const withoutSecrets = await this.#withoutSecrets();
    const whole = draft.toSpec(now, withoutSecrets);
    const spec = how.trial ? (await import('./trial.ts')).trialOf(whole) : whole;
    await network.load(); // another tab may have named addresses for the runs that are taken along
    await this.#readyFor([spec.models.evaluation, spec.models.generator]);
    if (how.takeOver) await this.#takeAlong(await drivenElsewhere(engine));
    await storage.library.putRun(headOf(spec, now));
    try {
      await engine.start(spec);
    } catch (error) {
      await storage.library.deleteRun(spec.id);
      throw error;
    }
    this.claim(spec.id);
    await this.#app.refresh();
    router.go({ page: 'runs', id: spec.id });
    if (!how.trial) await this.#app.drafts.drop();
    return spec.id;
  }

  /** Asks once whether this model answers, with the key that was typed for it. */
  async testConnection(model: ModelDraft): Promise<ConnectionResult> {
    return this.#app.engine.testConnection(await this.#handOver(model));
  }

  /** @throws AppError `provider-…` */
  async listModels(model: ModelDraft): Promise<readonly string[]> {
    return this.#app.engine.listModels(await this.#handOver(model));
  }

  /** @throws AppError `address-not-named` where a model of the run is at an address that nobody has agreed to, `driven-elsewhere` */
  async resume(id: RunId, models: readonly ModelChoice[]): Promise<void> {
    await this.ready(models);
    await this.#app.engine.resume(id);
    this.claim(id);
  }

  /** The same, by force: another tab loses the right to drive, so its other runs are taken along. */
  async takeOver(id: RunId, models: readonly ModelChoice[]): Promise<void> {
    await this.ready(models);
    const others = (await drivenElsewhere(this.#app.engine)).filter((run) => run !== id);
    await this.#takeOver(id);
    await this.#takeAlong(others);
  }

  /** Before anything that may send requests. */
  async ready(models: readonly ModelChoice[]): Promise<void> {
    const { network } = this.#app;
    await network.load(); // another tab may have named an address
    const origins = network.unknown(models);
    if (origins.length > 0) throw new AppError('address-not-named', { origins });
    await this.#readyFor([]);
  }

  /**
   * Forgets all keys, or the one for this model, and answers how many runs stand still for it: each was given its key when it began, so
   * the engine ends at once. The other runs go on.
   */
  async forgetKeys(choice?: ModelChoice): Promise<number> {
    const { engine, keys, network, secrets } = this.#app;
    const gone = choice ? [secretPlace(choice)] : secrets.list().map(placeOf);
    await (choice ? keys.drop(choice) : keys.forget());
    const users = await this.#usersOf(gone, await engine.driving());
    if (users.length > 0) await engine.end();
    await network.load();
    engine.allow(network.allowed); // a run of another tab may come here, into an engine that has asked nobody yet
    await engine.setSecrets(secrets.list());
    for (const run of users) this.forget(run);
    if (users.length > 0) await this.goOn();
    // by force: the engine of another tab was given the key, too, and nothing there looks whether it is wanted any more
    const others = await drivenElsewhere(engine);
    if ((await this.#usersOf(gone, others)).length > 0) await this.#takeAlong(others);
    return users.length;
  }

  async #usersOf(places: readonly string[], runs: readonly RunId[]): Promise<readonly RunId[]> {
    const users: RunId[] = [];
    for (const run of runs) {
      const spec = await this.#specOf(run);
      if (spec && Object.values(spec.models).some((model) => places.includes(secretPlace(model)))) users.push(run);
    }
    return users;
  }

  /** The run is gone: nothing is to go on with it. */
  forget(id: RunId): void {
    this.#mine = this.#mine.filter((run) => run !== id);
  }

  /** After a visit elsewhere: what this page drove when it was left goes on, where no other tab has taken it. */
  async goOn(): Promise<void> {
    const { watchRun } = await import('./live-run.svelte.ts');
    for (const id of this.#mine) {
      const live = watchRun(this.#app, id);
      await live.loaded;
      live.close();
      const { report } = live;
      if (report?.status !== 'running' || (await findDriver(this.#app.engine)(id)) !== 'nobody') continue;
      await this.resume(id, Object.values(report.spec.models)).catch((error: unknown) => {
        // the others go on all the same
        if (!isAppError(error) || error.code !== 'driven-elsewhere') this.#app.complain(error);
      });
    }
  }

  async #withoutSecrets(): Promise<(choice: ModelChoice) => ModelChoice> {
    const { providerOf } = await loadProviders();
    return (choice) => {
      const provider = providerOf(choice.provider);
      return provider ? this.#app.secrets.keep(choice, provider.fields) : choice;
    };
  }

  /** The choice without its key; the worker is given all keys beforehand. */
  async #handOver(model: ModelDraft): Promise<ModelChoice> {
    const [withoutSecrets, { plainModel }] = await Promise.all([this.#withoutSecrets(), import('./model-draft.ts')]);
    const choice = withoutSecrets(plainModel(model));
    await this.#readyFor([choice]);
    return choice;
  }

  /** This page drives it from now on. */
  claim(id: RunId): void {
    this.forget(id);
    this.#mine = [...this.#mine, id];
  }

  async #takeOver(id: RunId): Promise<void> {
    await this.#app.engine.takeOver(id);
    this.claim(id);
  }

  /** Runs of a tab that loses the right to drive. One whose key lies in that tab only would break here: it waits, and that is said. */
  async #takeAlong(runs: readonly RunId[]): Promise<void> {
    if (runs.length === 0) return;
    const waiting: string[] = [];
    const ready: RunId[] = [];
    for (const run of runs) {
      const spec = await this.#specOf(run);
      if (spec && (await this.#lacksKeys(spec))) waiting.push(`“${this.#nameOf(spec)}”`);
      else ready.push(run);
    }
    if (ready.length === 0) await this.#app.engine.takeRight();
    for (const run of ready)
      // one that cannot go on here keeps no other from it
      await this.#takeOver(run).catch((error: unknown) => this.#app.complain(error));
    if (waiting.length === 0) return;
    const wait = waiting.length === 1 ? 'waits: its key is' : 'wait: their keys are';
    this.#app.say(`${waiting.join(' and ')} ${wait} not in this tab. The page of the run asks for what is missing.`);
  }

  async #specOf(run: RunId): Promise<RunSpec | undefined> {
    const [start] = await this.#app.storage.journal.read(run);
    return start?.event.type === 'run-started' ? start.event.spec : undefined;
  }

  /** It may have another by now. */
  #nameOf({ id, name }: RunSpec): string {
    return this.#app.runs.find((run) => run.id === id)?.name ?? name;
  }

  async #lacksKeys(spec: RunSpec): Promise<boolean> {
    const { missingKeys } = await import('./run-models.ts');
    return missingKeys(spec, this.#app.secrets).length > 0;
  }

  /** A person pressed a button beside the addresses of these models: from now on the engine may talk to them. */
  async #readyFor(models: readonly ModelChoice[]): Promise<void> {
    const { engine, keys, network, secrets } = this.#app;
    await network.allow(models);
    engine.allow(network.allowed);
    await keys.pull();
    await engine.setSecrets(secrets.list());
    await keys.keep();
  }
}
