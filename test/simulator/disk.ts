import type { Budget } from '#core/budget.ts';
import type { Completion } from '#core/completion.ts';
import { isAppError } from '#core/error.ts';
import type { CallKey } from '#core/id.ts';
import type { AnswerCache, Attempt, JournalWrite, RunJournal, StoredAnswer } from '#core/journal.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';
import { checkPlace } from '#storage/journal.ts';
import type { World, Written } from './world.ts';

/** Who writes: one life of a machine's memory. */
export type Writer = {
  readonly index: number;
  dead: boolean;
  /** Passes on what comes while this life lasts; later nobody is there to hear it. */
  guard<T>(work: Promise<T>): Promise<T>;
};

/**
 * What outlives a crash. A write is there as a whole or not at all; a crash can come before it is there, and after it but before the
 * writer heard so. Nothing is copied, for speed: whoever changed an entry would break other promises.
 */
export class Disk {
  readonly entries: JournalEntry[] = [];
  readonly open = new Map<string, Attempt>();
  readonly answers = new Map<CallKey, Completion>();
  /** Who brought the answer. */
  readonly broughtBy = new Map<CallKey, number>();
  readonly sent = new Map<string, Written>();
  readonly settled = new Set<string>();
  /** Written down while they waited for a place, and struck out again because they were not to be sent any more. */
  readonly takenBack = new Set<string>();
  /** Requests that asked what a model accepts, as far as they are in the journal. */
  probes = 0;
  /** Of each life, requests that were written down and not sent yet. */
  readonly ready = new Map<number, Map<CallKey, Written[]>>();
  #owner = -1;
  #budgetBefore: Budget | undefined;
  #budgetChangedAt = -Infinity;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  view(writer: Writer): { readonly journal: RunJournal; readonly answers: AnswerCache } {
    const read = <T>(work: () => T): Promise<T> => writer.guard(Promise.resolve().then(work));
    return {
      journal: {
        read: (_, from = 0) => read(() => this.entries.slice(from)),
        append: (run, write) => {
          const at = this.#world.clock.elapsedMs();
          return this.#write(writer, () => this.#append(run, writer, write, at));
        },
        open: () => read(() => [...this.open.values()].sort((a, b) => (a.id < b.id ? -1 : 1))),
      },
      answers: {
        get: (call) => read(() => this.answers.get(call)),
        put: (paid) => this.#write(writer, () => this.#keep(writer, paid)),
      },
    };
  }

  async #write(writer: Writer, apply: () => void): Promise<void> {
    const { clock, knobs, random, never } = this.#world;
    const early = knobs.diskMs === 0 || random.next() < 0.5;
    this.#world.tick();
    if (writer.dead) return writer.guard(new Promise(() => undefined));
    if (early) apply();
    if (knobs.diskMs > 0) await clock.sleep(knobs.diskMs * (0.5 + random.next()), never);
    else await Promise.resolve();
    if (!early && isAlive(writer)) apply();
    this.#world.tick();
    return writer.guard(Promise.resolve());
  }

  #append(run: Parameters<RunJournal['append']>[0], writer: Writer, write: JournalWrite, submittedAt: number): void {
    const world = this.#world;
    const { entries, answers, sent, settled } = write;
    try {
      checkPlace(run, this.entries.at(-1)?.seq, write);
    } catch (error) {
      world.note(`refused ${writer.index}: ${isAppError(error) ? error.code : String(error)}`);
      throw error;
    }
    world.note(
      `write ${writer.index}: ${entries.map(({ event }) => event.type).join(' ')} +${sent.length} −${settled.length}`,
    );
    if (writer.index < this.#owner) world.violated('P4', `life ${writer.index} wrote after life ${this.#owner} did`);
    this.#owner = Math.max(this.#owner, writer.index);
    // what was queued for writing before the change of the budget was heard of is still of the old one
    const isLate = submittedAt > this.#budgetChangedAt + 1.5 * world.knobs.diskMs;
    if (isLate) this.#budgetBefore = world.budget;
    const budget = this.#budgetBefore ?? world.budget;
    for (const entry of entries) {
      this.entries.push(entry);
      if (entry.event.type === 'budget-changed') {
        this.#budgetBefore = world.budget;
        this.#budgetChangedAt = world.clock.elapsedMs();
        world.budget = entry.event.budget;
      }
      if (entry.event.type === 'model-probed') this.probes += entry.event.calls;
    }
    this.#keep(writer, answers);
    for (const attempt of sent) this.#send(writer, attempt, submittedAt, budget);
    this.#takeBack(writer, settled, settled.length - entries.reduce((sum, { event }) => sum + callsOf(event), 0));
    for (const id of settled) {
      if (!this.open.delete(id)) world.violated('P20', `request ${id} was settled without being under way`);
      this.settled.add(id);
    }
  }

  #send(writer: Writer, attempt: Attempt, submittedAt: number, budget: Budget): void {
    const world = this.#world;
    const { id, call } = attempt;
    if (this.sent.has(id)) world.violated('P4', `two requests are called ${id}`);
    const written: Written = {
      id,
      call,
      life: writer.index,
      submittedAt,
      budget,
      dispatched: false,
    };
    this.sent.set(id, written);
    this.open.set(id, attempt);
    const ready = this.ready.get(writer.index) ?? new Map<CallKey, Written[]>();
    this.ready.set(writer.index, ready);
    ready.set(call, [...(ready.get(call) ?? []), written]);
  }

  /** So many of them were settled without an event that counts them: they are no requests, and must not become any. */
  #takeBack({ index }: Writer, settled: readonly string[], count: number): void {
    const readyFor = (id: string) => this.ready.get(index)?.get(this.sent.get(id)?.call as CallKey);
    const unsent = settled.filter((id) => (readyFor(id)?.length ?? 0) > 0).slice(0, Math.max(0, count));
    for (const id of unsent) {
      this.takenBack.add(id);
      readyFor(id)?.pop();
    }
    if (unsent.length < count) this.#world.violated('P20', `${count} requests were settled and counted nowhere`);
  }

  #keep(writer: Writer, answers: readonly StoredAnswer[]): void {
    for (const { call, completion } of answers) {
      if (typeof completion.text !== 'string' || completion.text.startsWith('<html'))
        this.#world.violated('P9', `stored ${JSON.stringify(completion)}`);
      if (this.answers.has(call)) continue;
      this.answers.set(call, completion);
      this.broughtBy.set(call, writer.index);
    }
  }

  /** The request that this life wrote down for this call and has not sent yet. */
  take(life: number, call: CallKey): Written | undefined {
    const written = this.ready.get(life)?.get(call)?.shift();
    if (written) written.dispatched = true;
    return written;
  }
}

/** Asked anew: it may have died since it was last asked. */
const isAlive = ({ dead }: Writer): boolean => !dead;

/** Requests that an event counts. */
function callsOf(event: RunEvent): number {
  switch (event.type) {
    case 'call-failed':
      return 1;
    case 'calls-lost':
      return event.attempts.length;
    case 'answers-kept':
      return event.calls;
    case 'text-generated':
      return event.attempts;
    case 'example-evaluated':
      return event.result.attempts;
    default:
      return 0;
  }
}
