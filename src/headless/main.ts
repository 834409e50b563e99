import { setMaxListeners } from 'node:events';
import { systemClock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import { freshSeed } from '#lib/seed.ts';
import { callsOf } from '#core/budget.ts';
import { AppError } from '#core/error.ts';
import { runId, type RunId } from '#core/id.ts';
import { describeThrown } from '#core/messages.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { reportOf } from '#engine/report.ts';
import { RunSession } from '#engine/session.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { planOfSpec } from '#state/spec-plan.ts';
import { createSessionTools } from '../compose.ts';
import { readArguments, UsageError } from './arguments.ts';
import { checkOutputs } from './files.ts';
import { openKeep, type Keep } from './keep.ts';
import { writeOutputs } from './outputs.ts';
import { prepare, secretsFromEnvironment } from './prepare.ts';
import { createProgress } from './progress.ts';
import { usage } from './usage.ts';

/**
 * The command line: the app without its page. Progress and errors go to standard error, the result to standard output.
 * @returns the exit code: 0 done, 1 a broken system or file, 2 a mistake on the command line, 130 interrupted.
 */
export async function main(words: readonly string[]): Promise<number> {
  // all requests of a run listen to its one signal; without a limit (0) Node's `fetch` would throw and catch an error at each request
  setMaxListeners(10_000);
  let stop = (): void => undefined;
  const interrupted = (): void => stop();
  let keep: Keep | undefined;
  try {
    const given = readArguments(words);
    if (given.help) {
      console.log(usage);
      return 0;
    }
    const { data, prompts, template, metaPrompt } = given;
    await checkOutputs(given, { data, prompts, template, 'meta-prompt': metaPrompt, journal: given.journal });
    const { dataset, spec: wanted } = await prepare(given, systemClock.now());
    keep = await openKeep(given.journal);
    const { journal, answers } = keep;
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
      return session;
    };
    process.once('SIGINT', interrupted);
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
    await session.drive();
    const { stall } = session.state;
    if (session.state.status === 'stalled' && stall?.code === 'answers-unreadable') {
      progress.unreadable(stall);
      session = open();
      await session.load();
      await session.acceptAnswers();
      await session.drive();
    }
    if (full) throw full;
    const report = reportOf(session.state);
    if (!report) throw new Error('Bug: a run without a report');
    // printed first: what stands there cannot be lost any more
    if (report.end) progress.result(report);
    const unwritten = await writeOutputs(given, report, dataset, await journal.read(spec.id));
    for (const problem of unwritten) console.error(problem);
    if (report.stall) throw new AppError(report.stall.code, report.stall.details);
    if (!report.end) {
      console.error(`Interrupted after ${callsOf(report.spending)} calls. The same command goes on with it.`);
      return 130;
    }
    return unwritten.length > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nSee: npm run optimize -- --help`);
      return 2;
    }
    const { title, sentence, remedy } = describeThrown(error);
    console.error(`${title}. ${sentence}\n${remedy}`);
    return 1;
  } finally {
    process.off('SIGINT', interrupted);
    await keep?.close();
  }
}

/** Run ids are as fine as a second. */
function freshId({ id, seed }: RunSpec, keep: Keep): RunId {
  for (let now = systemClock.now(); keep.has(id); now += 1000) {
    const next = runId(now, seed);
    if (!keep.has(next)) return next;
  }
  return id;
}
