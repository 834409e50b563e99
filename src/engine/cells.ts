import { anySignal } from '#lib/abort.ts';
import { forEachConcurrent } from '#lib/concurrent.ts';
import { AppError } from '#core/error.ts';
import type { Split } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import { isShownBy, type Candidate } from '#core/prompt.ts';
import { Bill } from './bill.ts';
import { Slots } from './calls/slots.ts';
import type { DriverTools } from './driver.ts';
import { evaluateExample, evaluationRequest } from './evaluate.ts';
import { specOf, type RunState } from './run-state.ts';

/** Answers that may wait for the disk while the next requests are sent already. */
const mostUnwritten = 64;
/**
 * From so many requests at a time on, results wait a moment for each other: writing each at once would hold up the requests. A kill
 * costs what is under way anyway, and then the few that came in that moment.
 */
const manyAtOnce = 16;
/**
 * So many further requests are made ready while they wait for a place: about as many as come to their end in the time of a write. They
 * are written down by then, so a kill counts them among those that may have been charged.
 */
const madeReady = 16;
/** So many answers without the log-probabilities that the model promised, and none with them, are no accident. */
const mostBroken = 3;

/** Rows of one prompt that may fail before the run stops and asks, and from how many rows on the share counts. */
const failingShare = 0.2;
const failingFrom = 10;

export type Cell = { readonly candidate: Candidate; readonly example: ExampleId };

/** The cells without a result, prompt by prompt: neighbouring calls share their beginning, which providers cache. */
export const openCells = (
  candidates: readonly Candidate[],
  examples: readonly ExampleId[],
  split: Split,
  state: RunState,
): readonly Cell[] =>
  candidates.flatMap((candidate) => {
    const known = state.candidates.get(candidate.id)?.results[split];
    return examples
      .filter((example) => !known?.has(example) && !isShownBy(candidate, example))
      .map((example) => ({ candidate, example }));
  });

export async function evaluateCells(
  cells: readonly Cell[],
  split: Split,
  tools: DriverTools,
  signal: AbortSignal,
): Promise<void> {
  const { state } = tools;
  const { concurrency } = specOf(state);
  const isMany = concurrency >= manyAtOnce;
  const evaluation = isMany ? { ...tools.evaluation, slots: new Slots(concurrency) } : tools.evaluation;
  /** Answers on their way to the disk: the next requests do not wait for it. */
  const writing = new Set<Promise<void>>();
  /** What cannot be written ends the work, and wakes those who wait for their turn: nobody else would. */
  const broke = new AbortController();
  try {
    await forEachConcurrent(
      cells,
      isMany ? concurrency + madeReady : concurrency,
      async (cell, halt) => {
        const bill = new Bill(evaluation, isMany);
        const write = await evaluateCell(cell, split, bill, { ...tools, evaluation: { ...evaluation, halt } }, signal);
        const done = write()
          .then(() => stopWhenFailing(state, cell.candidate, split))
          .catch((error: unknown) => broke.abort(error))
          .finally(() => writing.delete(done));
        writing.add(done);
        if (writing.size >= mostUnwritten) await Promise.race(writing);
      },
      anySignal(signal, broke.signal),
    );
  } finally {
    tools.committer.hurry();
    await Promise.all(writing);
  }
  broke.signal.throwIfAborted();
}

/** Asks about one cell; hands back how to journal the result. */
async function evaluateCell(
  { candidate, example: id }: Cell,
  split: Split,
  bill: Bill,
  { state, examples, judges, evaluation, promises }: DriverTools,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const example = examples.get(id);
  if (!example) throw new Error(`Bug: example ${id} is not in the data set`);
  const { task } = specOf(state);
  const request = evaluationRequest(task, candidate, example, evaluation.capabilities);
  try {
    const result = await evaluateExample(request, example, task, judges, evaluation, bill, signal);
    if ('error' in result) throw result.error;
    if (bill.promise) promises[bill.promise] += 1;
    if (promises.kept === 0 && promises.broken >= mostBroken)
      throw new AppError('logprobs-missing', { model: String(specOf(state).models.evaluation.values['model'] ?? '') });
    return () => bill.settle({ type: 'example-evaluated', candidate: candidate.id, example: id, split, result });
  } catch (error) {
    await bill.keep();
    throw error;
  }
}

/** Rows that fail one after the other are no longer bad rows: something is wrong with the task or the model. */
function stopWhenFailing(state: RunState, candidate: Candidate, split: Split): void {
  const record = state.candidates.get(candidate.id);
  if (!record) return;
  // those that had failed before and are asked again do not speak against the attempt
  const again = record.reopened.filter(
    (cell) => cell.split === split && record.results[split].has(cell.example),
  ).length;
  const [failed, of] = [record.failed[split] - again, record.results[split].size - again];
  // once a person has seen it and lets it go on, only much worse is worth another stop
  const bar = Math.max(failingShare, 2 * state.failuresAccepted);
  if (of < failingFrom || failed <= bar * of) return;
  const last = [...record.results[split].values()].findLast(({ type }) => type === 'failed');
  throw new AppError('too-many-failures', { failed, of, last: last?.type === 'failed' ? last.message : '' });
}
