import { systemClock, type Clock } from '#lib/clock.ts';
import { AppError, isAppError, toErrorRecord } from '#core/error.ts';
import { trainRows } from '#core/example.ts';
import type { RunId } from '#core/id.ts';
import type { Budget } from '#core/budget.ts';
import { findDemonstrations } from '#core/demonstrations.ts';
import type { JournalEntry, PersonInput, RunEvent, RunSpec } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import { Committer } from './committer.ts';
import { askReopened, unseal } from './closing.ts';
import type { DriverTools } from './driver.ts';
import { firstCallProblems } from './first-call.ts';
import { Gate } from './gate.ts';
import { emptyRunState, foldEntries, specOf, type RunState } from './run-state.ts';
import { RunningTime } from './running-time.ts';
import { search } from './searching.ts';
import { driverTools, type SessionTools } from './session-tools.ts';
import { budgetProblems, continuingProblems, reopeningProblems, specProblems } from './spec-problems.ts';

/** What a driver that is being replaced still brings home comes in a few writes. */
const mostTakeUps = 10;
/** Answers that wait to be written are written, whatever else is given up. */
const neverAborted = new AbortController().signal;

/**
 * One run, from its journal to its end. `begin` writes the first entry of a new run; `drive` goes on from wherever the journal ends
 * and returns when the run has ended, waits for a person, or was stopped.
 */
export class RunSession {
  readonly id: RunId;
  readonly state: RunState = emptyRunState();
  readonly #tools: SessionTools;
  readonly #clock: Clock;
  readonly #time: RunningTime;
  readonly #gate = new Gate();
  readonly #stop = new AbortController();
  readonly #committer: Committer;
  #stopRequested = false;
  /** This session wrote the start of the run, and has not driven it yet. */
  #begun = false;
  #isTakenUp = false;
  #attempts = 0;

  constructor(id: RunId, tools: SessionTools) {
    this.id = id;
    this.#tools = tools;
    this.#clock = tools.clock ?? systemClock;
    this.#time = new RunningTime(this.#clock);
    this.#committer = new Committer({
      run: id,
      state: this.state,
      journal: tools.journal,
      answers: tools.answers,
      now: () => this.#time.now(),
      pause: (durationMs) => this.#clock.sleep(durationMs, neverAborted),
      seen: (entries) => tools.seen?.(entries),
      blocked: (error) => tools.blocked?.(error),
    });
  }

  /** True while nothing can be written for want of room. */
  get isBlocked(): boolean {
    return this.#committer.isBlocked;
  }

  /** The journal says that the run goes on here. */
  get isTakenUp(): boolean {
    return this.#isTakenUp;
  }

  /** @throws AppError `run-invalid` with every problem of the spec; nothing is written then. */
  async begin(spec: RunSpec): Promise<void> {
    const dataset = await this.#tools.dataset(spec.dataset.id);
    const problems = dataset
      ? [...specProblems(spec, this.#tools), ...firstCallProblems(spec, trainRows(dataset, spec.split))]
      : [`The data set “${spec.dataset.name}” is not there any more.`];
    if (problems.length > 0) throw new AppError('run-invalid', { problems });
    this.#time.readWallClock();
    await this.#commit({ type: 'run-started', version: 1, spec });
    this.#begun = true;
    this.#isTakenUp = true;
  }

  /** Reads what the journal holds, without driving. */
  async load(): Promise<void> {
    await this.#readOn();
  }

  /** What others have written since. */
  async #readOn(): Promise<readonly JournalEntry[]> {
    const entries = await this.#tools.journal.read(this.id, this.state.nextSeq);
    // what was written from here meanwhile counts already
    const fresh = entries.filter(({ seq }) => seq >= this.state.nextSeq);
    foldEntries(fresh, this.state);
    return fresh;
  }

  /** Nothing new starts; what is under way is finished and kept. */
  async pause(): Promise<void> {
    if (!this.#gate.isOpen || (this.#isTakenUp && this.state.status !== 'running')) return;
    this.#gate.close();
    this.#time.pause();
    // what is just being taken up is written down as paused when it is written down as going on
    if (this.#isTakenUp) await this.#commit({ type: 'run-paused' });
  }

  async resume(): Promise<void> {
    this.#committer.retry();
    if (!this.#isTakenUp) this.#gate.open();
    if (this.state.status === 'ended' || this.#gate.isOpen) return;
    this.#time.readWallClock();
    try {
      await this.#commit({ type: 'run-resumed' });
    } catch (error) {
      this.leave(); // whoever waits at the gate would wait for ever; the journal tells the next driver where it stood
      throw error;
    }
    this.#time.countFromNow(this.state.runningMs);
    this.#gate.open();
  }

  /** A prompt or a hint of the person, or the wish to stop: the search hears it at its next round. */
  async say(input: PersonInput): Promise<void> {
    if (this.state.status !== 'ended') await this.#commit({ type: 'input-given', input: await this.#known(input) });
  }

  /** A person's prompt may be one of the run with a word changed: the rows that stand in it must not be asked. */
  async #known(input: PersonInput): Promise<PersonInput> {
    const { spec } = this.state;
    const dataset = input.type === 'candidate' && spec ? await this.#tools.dataset(spec.dataset.id) : undefined;
    if (input.type !== 'candidate' || !spec || !dataset) return input;
    const [found] = findDemonstrations([input.prompt], dataset.examples, spec.task.template);
    return found ? { ...input, demos: { instruction: found.instruction, examples: found.examples } } : input;
  }

  /** @throws AppError `run-invalid` when less than what is spent already would be allowed. */
  async changeBudget(budget: Budget): Promise<void> {
    const problems = budgetProblems(budget, this.state);
    if (problems.length > 0) throw new AppError('run-invalid', { problems, deed: 'change' });
    await this.#commit({ type: 'budget-changed', budget });
  }

  /**
   * Nothing hangs on the name, so a run that has ended takes one too.
   * @throws AppError `run-invalid` for a name without a letter.
   */
  async rename(name: string): Promise<void> {
    if (name.trim() === '') throw new AppError('run-invalid', { problems: ['A run needs a name.'], deed: 'change' });
    await this.#commit({ type: 'run-renamed', name: name.trim() });
  }

  /** Unreadable answers were looked at: with a rule, all answers are read again (from the cache) and the search begins anew. */
  async acceptAnswers(reading?: AnswerReading): Promise<void> {
    await this.#commit({ type: 'answers-accepted', ...(reading ? { reading } : {}) });
  }

  /** Failed rows become open ones: a run that goes on asks them again, and an ended one with `drive`. */
  async reopenFailed(): Promise<void> {
    const problems = reopeningProblems(this.state);
    if (problems.length > 0) throw new AppError('run-invalid', { problems, deed: 'change' });
    await this.#commit({ type: 'failed-reopened' });
  }

  /** Ends the run where it stands. The best prompt so far stays; the sealed rows stay sealed. */
  stop(): void {
    this.#stopRequested = true;
    this.#stop.abort();
    this.#committer.giveUp(this.#stop.signal.reason);
  }

  /** Leaves without ending the run, as a closed tab does: the journal can be taken up again. */
  leave(): void {
    this.#stop.abort();
    this.#committer.giveUp(this.#stop.signal.reason);
  }

  /** Drives the run to its end. A broken system stalls the run (journaled, to be taken up again); a bug is thrown. */
  async drive(): Promise<void> {
    this.#committer.isPatient = true;
    try {
      await this.#driveOn();
    } finally {
      this.#committer.isPatient = false;
    }
  }

  async #driveOn(): Promise<void> {
    if (!this.#begun) this.#time.readWallClock();
    await this.#takeUp();
    if (this.#hasLeft()) return;
    const ended = this.state.status === 'ended';
    const hasWork = this.#hasWork();
    this.#begun = false;
    this.#isTakenUp = true;
    if (ended) this.#gate.open();
    if (!this.#gate.isOpen && this.state.status === 'running') await this.#commit({ type: 'run-paused' });
    // behind the fence as well: nobody adds an answer unseen, but one that a replaced driver still brings home
    await this.#tools.answers.refresh?.();
    await this.#countLost();
    if (!hasWork) return;
    this.#time.countFromNow(this.state.runningMs);
    if (!this.#gate.isOpen) this.#time.pause();
    try {
      await (ended ? askReopened(await this.#driverTools(), this.#stop.signal) : this.#search());
    } catch (error) {
      if (this.#stop.signal.aborted) {
        if (this.#stopRequested && !ended) {
          // a note that was written although the disk said otherwise: nobody will come back for it
          await this.#countLost();
          await this.#commit({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
        }
        return;
      }
      if (!isAppError(error) || isJournalBroken(error) || ended) throw error;
      await this.#commit({ type: 'run-stalled', error: toErrorRecord(error) });
    }
  }

  /**
   * Written first: from then on a driver that this one replaces can write nothing, so no request of it can be missed. What it still brought
   * home may have been written after the journal was read here: then it is read on. Where another one has taken the run up meanwhile, it is
   * this one that is replaced.
   */
  async #takeUp(): Promise<void> {
    let refused: AppError | undefined;
    for (let tries = 1; ; tries++) {
      const fresh = await this.#readOn();
      if (refused && fresh.some(({ event }) => event.type === 'run-resumed')) throw refused;
      if (!this.state.spec) throw new AppError('run-missing', { run: this.id });
      if (this.#begun || this.#hasLeft() || !this.#hasWork()) return;
      try {
        await this.#commit({ type: 'run-resumed' });
        return;
      } catch (error) {
        if (this.#hasLeft()) return;
        if (!isAppError(error) || error.code !== 'run-busy' || tries === mostTakeUps) throw error;
        refused = error;
      }
    }
  }

  /** Requests that were written down and that nobody waits for any more: what became of them is not known. */
  async #countLost(): Promise<void> {
    const lost = await this.#tools.journal.open(this.id);
    if (lost.length === 0) return;
    await this.#committer.commit({
      events: [{ type: 'calls-lost', attempts: lost }],
      settled: lost.map(({ id }) => id),
    });
  }

  #commit(event: RunEvent): Promise<void> {
    return this.#committer.commit({ events: [event] });
  }

  #hasWork(): boolean {
    const { status, candidates } = this.state;
    return status !== 'ended' || [...candidates.values()].some(({ reopened }) => reopened.length > 0);
  }

  #hasLeft(): boolean {
    return this.#stop.signal.aborted && !this.#stopRequested;
  }

  async #search(): Promise<void> {
    const problems = continuingProblems(specOf(this.state), this.#tools);
    if (problems.length > 0) throw new AppError('run-invalid', { problems, deed: 'continue' });
    const tools = await this.#driverTools();
    if (!this.state.searchEnd) await search((id) => this.#tools.optimizer(id), tools, this.#stop.signal);
    await unseal(tools, this.#stop.signal);
  }

  #driverTools(): Promise<DriverTools> {
    return driverTools(
      specOf(this.state),
      this.#tools,
      {
        state: this.state,
        committer: this.#committer,
        gate: this.#gate,
        clock: this.#clock,
        runningMs: () => this.#time.runningMs(),
        nextAttempt: () => ++this.#attempts,
      },
      this.#stop.signal,
    );
  }
}

/** Where the journal itself cannot be written, the stall cannot be written either: the run is left as it is. */
const isJournalBroken = ({ code }: AppError): boolean =>
  code.startsWith('storage-') || code === 'run-busy' || code === 'run-missing';
