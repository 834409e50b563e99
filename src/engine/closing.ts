import { isAppError } from '#core/error.ts';
import { splits } from '#core/example.ts';
import { evaluateCells, openCells } from './cells.ts';
import { causeOf, type DriverTools } from './driver.ts';
import { specOf } from './run-state.ts';

/** What is asked when nothing is searched any more. Calls were kept for it, so no limit of time refuses it. */

function close({ evaluation: { ledger } }: DriverTools): void {
  ledger.reserve = 0;
  ledger.closing = true;
}

/** Opens the sealed rows, once: the best prompt and the best starting prompt on the same rows. Ends the run. */
export async function unseal(tools: DriverTools, signal: AbortSignal): Promise<void> {
  const { state, committer } = tools;
  const end = state.searchEnd;
  if (!end) throw new Error('Bug: unsealed before the search had ended');
  close(tools);
  const candidates = [...new Set([end.baseline, end.best])].flatMap((id) => state.candidates.get(id)?.candidate ?? []);
  // row by row: where the budget ends it early, what was asked is asked of both
  const cells = specOf(state).split.test.flatMap((row) => openCells(candidates, [row], 'test', state));
  const { ended, reason } = end;
  try {
    await evaluateCells(cells, 'test', tools, signal);
  } catch (thrown) {
    const error = causeOf(thrown, tools);
    // calls were set aside, but retries had eaten them, or rows took more tokens than those before: what was answered counts
    if (!isAppError(error) || error.code !== 'budget-spent') throw error;
    const { limit } = error.details as { readonly limit: string };
    const isRetried = limit.endsWith(' calls') && state.spending.failedCalls > 0;
    const why = isRetried ? 'Retries used up the calls for' : `The limit of ${limit} left out`;
    const short = `${reason} ${why} some of the test rows.`;
    await committer.commit({ events: [{ type: 'run-ended', outcome: 'budget-spent', reason: short }] });
    return;
  }
  await committer.commit({ events: [{ type: 'run-ended', outcome: ended, reason }] });
}

/** The rows that had failed, once more, after the end. */
export async function askReopened(tools: DriverTools, signal: AbortSignal): Promise<void> {
  close(tools);
  for (const split of splits) {
    const cells = [...tools.state.candidates.values()].flatMap(({ candidate, reopened }) =>
      reopened.flatMap((cell) => (cell.split === split ? [{ candidate, example: cell.example }] : [])),
    );
    await evaluateCells(cells, split, tools, signal);
  }
}
