import { systemClock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import { freshSeed } from '#lib/seed.ts';
import { callsOf } from '#core/budget.ts';
import { AppError, type ErrorRecord } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import { runId, type RunId } from '#core/id.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { reportOf } from '#engine/report.ts';
import { RunSession } from '#engine/session.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { planOfSpec } from '#state/spec-plan.ts';
import { createSessionTools } from '../compose.ts';
import type { Given } from './arguments.ts';
import { openKeep, type Keep } from './keep.ts';
import { inLines } from './messages.ts';
import { writeOutputs } from './outputs.ts';
import { secretsFromEnvironment } from './prepare.ts';
import { createProgress } from './progress.ts';
import { onInterrupt } from './signals.ts';

/** Begins a run, or goes on with the one that is kept, and says what came of it. @returns the exit code */
export async function run(given: Given, dataset: Dataset, wanted: RunSpec): Promise<number> {
  const keep = await openKeep(given.journal);
  let isInterrupted = false;
  let stop = (): void => undefined;
  const deaf = onInterrupt(
    process,
    systemClock,
    () => {
      isInterrupted = true;
      stop();
    },
    () => process.exit(130),
  );
  try {
    const { journal, answers, problems } = keep;
    for (const problem of problems) console.error(problem);
    await keep.putDataset(dataset);
    const found = await keep.find(wanted);
    const spec = found ? { ...found.spec, budget: wanted.budget } : { ...wanted, id: freshId(wanted, keep) };
    const optimizer = optimizerOf(spec.optimizer.id);
    const plan = optimizer && planOfSpec(spec, dataset, optimizer);
    const progress = createProgress(spec, given.quiet, optimizer && plan && { optimizer, plan });
    const tools = createSessionTools(
      { journal, answers, dataset: (id) => Promise.resolve(id === dataset.id ? dataset : undefined) },
      secretsFromEnvironment(given),
      new Traffic({ clock: systemClock, random: createRandom(freshSeed()) }),
    );
    let full: AppError | undefined;
    const open = (): RunSession => {
      const session: RunSession = new RunSession(spec.id, {
        ...tools,
        seen: (entries) => progress.show(entries, () => reportOf(session.state)),
        // nobody here could make room and say so: what is held is put where it fits, and the command ends
        blocked: (error) => {
          full ??= error;
          if (error) queueMicrotask(() => session.leave());
        },
      });
      // what is kept in files goes on with the same command; what is not ends here
      stop = () => (given.journal === undefined ? session.stop() : session.leave());
      if (isInterrupted) stop();
      return session;
    };
    let session = open();
    if (found) {
      await session.load();
      if (found.ended) progress.say('This run has ended already; this is its result.');
      else progress.say(`Goes on with the run ${spec.id}, ${callsOf(session.state.spending)} calls so far.`);
      if (!found.ended && JSON.stringify(found.spec.budget) !== JSON.stringify(spec.budget))
        await session.changeBudget(spec.budget);
    } else {
      if (plan && plan.problems.length > 0) throw new AppError('run-invalid', { problems: plan.problems });
      await session.begin(spec);
      if (given.journal !== undefined)
        progress.say(`Kept in ${given.journal}: if it is interrupted, the same command goes on with it.`);
    }
    const drive = async (): Promise<void> => {
      await session.drive();
      const { status, stall } = session.state;
      if (status !== 'stalled' || stall?.code !== 'answers-unreadable') return;
      progress.unreadable(stall);
      session = open();
      await session.load();
      await session.acceptAnswers();
      await session.drive();
    };
    const thrown: unknown = await drive().catch((error: unknown) => error);
    const cause = full ?? thrown ?? errorOf(session.state.stall);
    const report = reportOf(session.state);
    if (!report) throw new Error('Bug: a run without a report', { cause });
    const isDone = report.end !== undefined && report.end.outcome !== 'stopped';
    // printed first: what stands there cannot be lost any more
    if (isDone) progress.result(report);
    else progress.soFar(report);
    const unwritten = await writeOutputs(given, report, dataset, await journal.read(spec.id));
    for (const problem of unwritten) console.error(problem);
    if (cause !== undefined) {
      console.error(inLines(cause, given.journal));
      if (given.journal !== undefined || report.best !== undefined) console.error(wayOn(given.journal));
      return 1;
    }
    if (!isDone) {
      console.error(`Interrupted after ${callsOf(report.spending)} calls. ${wayOn(given.journal)}`);
      return 130;
    }
    return unwritten.length > 0 ? 1 : 0;
  } finally {
    await keep.close();
    deaf();
  }
}

const errorOf = (stall: ErrorRecord | undefined): AppError | undefined =>
  stall && new AppError(stall.code, stall.details);

/** How a run that was broken off can go on. */
const wayOn = (folder: string | undefined): string =>
  folder === undefined
    ? 'The same command begins anew; with --journal DIR it would go on.'
    : 'The same command goes on with the run.';

/** Run ids are as fine as a second. */
function freshId({ id, seed }: RunSpec, keep: Keep): RunId {
  for (let now = systemClock.now(); keep.has(id); now += 1000) {
    const next = runId(now, seed);
    if (!keep.has(next)) return next;
  }
  return id;
}
