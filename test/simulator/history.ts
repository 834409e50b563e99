import { callsOf } from '#core/budget.ts';
import { AppError, isAppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { RunSpec } from '#core/run.ts';
import type { RunState } from '#engine/run-state.ts';
import type { RunSession } from '#engine/session.ts';
import { Disk } from './disk.ts';
import type { Happening, Knobs } from './knobs.ts';
import { Life, type Sabotage } from './life.ts';
import { checkEnd } from './oracle.ts';
import { Provider } from './provider.ts';
import { specOf } from './spec.ts';
import { World } from './world.ts';

/** After so many stalls and crashes nothing breaks any more; after so many more the person gives up. */
const patience = 12;
const surrender = 30;
const mendingMs = 20_000;

type Turn = 'ended' | 'stalled' | 'broken' | 'left' | 'crashed' | 'replaced';

/** A run with everything that befalls it, until it has ended. */
export class History {
  readonly world: World;
  readonly disk: Disk;
  readonly provider: Provider;
  readonly spec: RunSpec;
  readonly dataset: Dataset;
  /** The session that ended the run. */
  last: RunSession | undefined;
  gaveUp = false;
  /** Failed rows were opened again after the end, and the budget does not hold them. */
  unaffordable = false;
  /** Something was said that may change the result. */
  steered = false;
  readonly #sabotage: Sabotage | undefined;
  #life: Life;
  #lives = 0;
  #turns = 0;
  readonly #old: Promise<unknown>[] = [];

  constructor(knobs: Knobs, sabotage?: Sabotage) {
    this.#sabotage = sabotage;
    this.world = new World(knobs);
    this.disk = new Disk(this.world);
    const { spec, dataset } = specOf(knobs);
    this.spec = spec;
    this.dataset = dataset;
    this.provider = new Provider(this.world, this.disk, dataset, spec.id);
    this.world.budget = spec.budget;
    this.world.happen = (happening) => this.#happen(happening);
    this.#life = this.#newLife();
  }

  async play(): Promise<RunState | undefined> {
    try {
      await this.world.finish(this.#live());
    } catch (error) {
      this.world.violated('alive', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    checkEnd(this);
    return this.last?.state;
  }

  #newLife(): Life {
    const life = new Life(this.#lives++, this.world, this.disk, this.provider, this.#sabotage);
    let full = 0;
    life.blocked = (error) => {
      if (!error || life.dead) return;
      full += 1;
      this.#later(5000, () => (full > 3 ? life.die() : this.#resume(life)));
    };
    return life;
  }

  async #live(): Promise<void> {
    for (;;) {
      const turn = await this.#turn();
      this.world.note(`turn of life ${this.#life.index}: ${turn}`);
      // what was said at the last moment is still being written
      if (turn === 'ended') await this.world.clock.sleep(mendingMs, this.world.never);
      if (turn === 'ended' && (this.unaffordable || this.gaveUp || !this.#hasReopened())) break;
      this.#turns += 1;
      if (this.#turns > patience) this.provider.calm = true;
      if (this.#turns > surrender + 2) {
        this.world.violated('alive', 'the run does not end even when it is stopped');
        break;
      }
      if (turn === 'replaced') {
        this.#life = this.#newLife();
        continue;
      }
      await this.world.clock.sleep(mendingMs, this.world.never);
      this.provider.problem = undefined;
      const reload = turn === 'broken' && (this.#turns % 2 === 0 || this.#turns > 4);
      if (reload) this.#life.die();
      if (reload || turn === 'crashed') this.#life = this.#newLife();
    }
    await Promise.all(this.#old);
  }

  /** Failed rows were opened again in the moment of the end: nobody asks about them until somebody drives. */
  #hasReopened(): boolean {
    return [...(this.last?.state.candidates.values() ?? [])].some(({ reopened }) => reopened.length > 0);
  }

  async #turn(): Promise<Turn> {
    const life = this.#life;
    const driven = this.#drive(life);
    const turn = await Promise.race([driven, life.over]);
    if (turn === 'replaced') this.#old.push(Promise.race([driven, life.died]));
    return turn;
  }

  async #drive(life: Life): Promise<Turn> {
    const session = life.open(this.spec, this.dataset);
    try {
      if (this.disk.entries.length === 0) await session.begin(this.spec);
      else await session.load();
      life.session = session;
      if (this.#turns > surrender) {
        this.gaveUp = true;
        session.stop();
      }
      await session.drive();
    } catch (error) {
      if (!isAppError(error)) this.#bug(error);
      else this.world.note(`thrown ${life.index}: ${error.code}`);
      // failed rows that the budget does not hold stay open
      if (isAppError(error) && error.code === 'budget-spent' && session.state.status === 'ended') {
        this.last = session;
        this.unaffordable = true;
        return 'ended';
      }
      return 'broken';
    } finally {
      life.session = undefined;
    }
    const { status } = session.state;
    if (status === 'ended') this.last = session;
    this.world.note(`drove ${life.index}: ${status} ${session.state.stall?.code ?? ''}`);
    return status === 'ended' ? 'ended' : status === 'stalled' ? 'stalled' : 'left';
  }

  #bug(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    this.world.violated('bug', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #later(delayMs: number, work: () => void): void {
    void this.world.clock.sleep(delayMs, this.world.never).then(work);
  }

  /** The person does something, if there is a run to do it to. */
  #say(life: Life, work: (session: RunSession) => Promise<void> | void): void {
    const { session } = life;
    if (!session || life.dead) return;
    Promise.resolve(work(session)).catch((error: unknown) => {
      if (!(error instanceof AppError)) this.#bug(error);
    });
  }

  #resume(life: Life): void {
    this.#say(life, (session) => {
      life.isPaused = false;
      return session.resume();
    });
  }

  #happen(happening: Happening): void {
    const { world, provider } = this;
    const life = this.#life;
    const now = world.clock.elapsedMs();
    switch (happening.type) {
      case 'crash': {
        life.die();
        return;
      }
      case 'steal': {
        this.#steal(life, happening.leavesAfterMs);
        return;
      }
      case 'suspend':
        world.suspend(happening.durationMs);
        if (happening.noticed) this.#later(happening.durationMs, () => life.traffic.wake('slept'));
        return;
      case 'wall-clock': {
        world.clock.setWallClock(world.clock.now() + happening.byMs);
        return;
      }
      case 'offline':
        provider.offlineUntil = now + happening.durationMs;
        {
          this.#later(happening.durationMs + 1, () => this.#life.traffic.wake('online'));
          return;
        }
      case 'outage':
        provider.outageUntil = now + happening.durationMs;
        return;
      case 'spike':
        provider.spikeUntil = now + happening.durationMs;
        return;
      case 'key-revoked':
      case 'quota-ended':
      case 'forbidden':
        provider.problem = happening.type;
        return;
      case 'pause':
        this.#say(life, (session) => {
          life.isPaused ||= session.state.status === 'running';
          return session.pause();
        });
        {
          this.#later(happening.durationMs, () => this.#resume(life));
          return;
        }
      case 'stop':
        this.steered = true;
        {
          this.#say(life, (session) => session.stop());
          return;
        }
      case 'stop-after-round':
        this.steered = true;
        {
          this.#say(life, (session) => session.say({ type: 'stop-after-round' }));
          return;
        }
      case 'candidate':
        this.steered = true;
        {
          this.#say(life, (session) => session.say({ type: 'candidate', prompt: happening.text }));
          return;
        }
      case 'hint':
        this.steered = true;
        {
          this.#say(life, (session) => session.say({ type: 'hint', text: happening.text }));
          return;
        }
      case 'reopen-failed': {
        this.#say(life, (session) => session.reopenFailed());
        return;
      }
      case 'budget':
        this.steered = true;
        {
          this.#say(life, (session) => {
            const calls = callsOf(session.state.spending) + Math.round(happening.share * 150);
            return session.changeBudget({ ...session.state.spec?.budget, calls });
          });
          return;
        }
    }
  }

  #steal(life: Life, leavesAfterMs: number | undefined): void {
    const { session } = life;
    if (!session || life.dead) return;
    // at the end of the history at the latest, for there must be an end
    this.#later(leavesAfterMs ?? 86_400_000, () => session.leave());
    life.replaced();
  }
}
