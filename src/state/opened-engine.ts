import type { EngineApi } from '#engine/api.ts';
import type { Clock } from '#lib/clock.ts';
import { loaded } from '#lib/loading.ts';
import type { Remote } from '#lib/rpc.ts';

/** Where an engine lives. `close` ends it as soon as it has written down what it knows, or at once. */
export type EngineHome = {
  readonly worker: Worker | MessagePort;
  /** Settles when its script could not be loaded, where the browser says so. */
  readonly failed?: Promise<unknown>;
  close(how?: 'at once'): void;
};
/** Starts an engine that can talk to these origins and to nobody else. */
export type StartEngine = (origins: readonly string[]) => EngineHome | Promise<EngineHome>;

/** How long its files may take on a slow connection, until it is said that they are missing. */
const loadMs = 60_000;

export type Engine = {
  readonly origins: readonly string[];
  readonly api: Remote<EngineApi>;
  readonly home: EngineHome;
  /** The lock that it holds as long as it lives; undefined until it has said so. */
  life: string | undefined;
  /** Settles when it was found dead. */
  readonly death: Promise<void>;
  readonly die: () => void;
  /** Questions to it that are not answered yet. */
  asked: number;
};

type Proxy = typeof import('#lib/rpc.ts').proxy;

/**
 * Starts an engine, and says when it is there.
 * @param begin the first that it is asked: whose answer shows that it lives.
 * @throws Error when its script is not loaded.
 */
export async function openedEngine(
  start: StartEngine,
  origins: readonly string[],
  clock: Clock,
  begin: (engine: Engine, proxy: Proxy) => Promise<void>,
): Promise<Engine> {
  const starting = Promise.resolve(start(origins));
  const failed = starting.then((home) => home.failed ?? new Promise(() => undefined));
  const opening = async (): Promise<Engine> => {
    const [{ proxy, wrap }, home] = await Promise.all([import('#lib/rpc.ts'), starting]);
    let die = (): void => undefined;
    const death = new Promise<void>((resolve) => (die = resolve));
    const engine: Engine = { origins, api: wrap<EngineApi>(home.worker), home, life: undefined, death, die, asked: 0 };
    void engine.api.life().then((life) => (engine.life = life));
    await begin(engine, proxy);
    return engine;
  };
  try {
    return await loaded('The engine of the app', opening(), { clock, withinMs: loadMs, failed });
  } catch (error) {
    starting.then((late) => late.close('at once')).catch(() => undefined); // it has failed, or comes too late
    throw error;
  }
}
