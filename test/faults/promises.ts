/** What the app promises to whoever trusts it with a key and a budget. A test that proves one has its id at the beginning of its title. */
export type Promised = { readonly id: string; readonly promise: string; readonly means: string };

export const promises: readonly Promised[] = `
P1 | Nothing paid for is lost | An answer that is shown is still there after a reload, a crash, kill -9 and an upgrade.
P2 | Nothing is paid for twice by our logic | No request is sent for an answer that is kept or under way. What may have been charged without an answer is counted and shown.
P3 | Exact resume | After any interruption a run comes to the same end as without it, unless calls that were lost on the way are those that its budget then lacks.
P4 | One driver | One tab sends requests; a tab that was replaced can change nothing.
P5 | A budget is a ceiling | Calls, tokens and money are never exceeded, at any number of calls at a time, retries included.
P6 | Storms do not destroy work | Limits, overload and lost networks fail no row; the run waits and goes on by itself.
P7 | No hammering | No call before the time that the provider names; in an outage a probe every half minute at the most.
P8 | What needs a person waits for one | Credit, key, model: the run stops within the calls under way, says what to do, and loses nothing.
P9 | No malformed answer becomes a score | What is cut off, no JSON, or an error in disguise is never kept as an answer.
P10 | Bad rows do not end a run | A row that cannot succeed is recorded as failed; when many are, the run asks.
P11 | A full disk is not the end | Nothing more is sent, what came is held, and with room the run goes on.
P12 | The truth about storage | "Saved" is shown when it is on disk; vanished data is announced, never passed over.
P13 | Upgrades | Data of every released version opens; an answer that was paid for stays found.
P14 | In the background | A hidden tab keeps at least nine tenths of its speed.
P15 | The page stays alive | While a hundred thousand results come in, showing them takes a quarter of the time at most.
P16 | Keys never leak | A key goes to the address it was entered for, and is found nowhere else.
P17 | Files never execute | Opening any file runs no code and sends no request.
P18 | No foreign code | The product runs no code but its own: nothing in it evaluates text.
P19 | Exports are safe and lossless | Formulas are guarded in CSV; a run that is exported and opened again is the same.
P20 | History can be audited | Every number can be computed again from the journal; totals are the sums of their parts.
P21 | Clocks may lie | A wall clock set by years changes no order, no key, no retry and no budget.
P22 | Failures can be repeated | A history of the simulator is repeated from its seed.
`
  .trim()
  .split('\n')
  .map((line) => {
    const [id = '', promise = '', means = ''] = line.split(' | ');
    return { id, promise, means };
  });
