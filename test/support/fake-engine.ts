import type { ErrorRecord } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { Batch, Conditions, EngineApi, Outcome, SecretEntry } from '#engine/api.ts';

/** The engine's worker as a page sees it: it drives what the test says, and notes what it was told. */
export class FakeEngine {
  readonly told: string[] = [];
  /** A promise that never settles: it hangs. */
  drives: readonly RunId[] | Promise<never> = [];
  secrets: readonly SecretEntry[] = [];
  /** Why it does nothing of what it is told. */
  refuses: ErrorRecord | undefined;
  /** Says the name of the lock that it holds, where there are locks. */
  live: (lock: string) => void = () => undefined;
  readonly life = new Promise<string>((resolve) => (this.live = resolve));
  tell: (batches: readonly Batch[]) => void = () => undefined;
  tellConditions: (conditions: Conditions) => void = () => undefined;

  api(): EngineApi {
    const note = (word: string) => (): Promise<Outcome<void>> => {
      this.told.push(word);
      const { refuses } = this;
      return Promise.resolve(refuses ? { ok: false, error: refuses } : { ok: true, value: undefined });
    };
    return {
      life: () => this.life,
      start: note('start'),
      resume: note('resume'),
      takeOver: note('takeOver'),
      takeRight: note('takeRight'),
      say: (_, { type }) => note(`say ${type}`)(),
      changeBudget: note('changeBudget'),
      rename: note('rename'),
      acceptAnswers: (_, reading) => note(reading ? `acceptAnswers ${reading.type}` : 'acceptAnswers')(),
      retryFailed: note('retryFailed'),
      stop: note('stop'),
      pause: () => note('pause')().then(() => undefined),
      driving: async () => this.drives,
      setSecrets: (secrets) => {
        this.secrets = secrets;
        return Promise.resolve();
      },
      testConnection: () => Promise.reject(new Error('Not in this test')),
      listModels: () => Promise.reject(new Error('Not in this test')),
      watch: (listener) => {
        this.tell = listener;
        return Promise.resolve();
      },
      watchConditions: (listener) => {
        this.tellConditions = listener;
        return Promise.resolve();
      },
      wake: (what) => note(`wake ${what}`)().then(() => undefined),
    };
  }
}
