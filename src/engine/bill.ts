import { addUsage } from '#core/budget.ts';
import type { Usage } from '#core/completion.ts';
import type { RunEvent } from '#core/run.ts';
import type { Answer, CallTools, Paid } from './calls/asked.ts';
import type { StoredAnswer } from './seams.ts';

const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

/** The answers that one piece of work took: gathered while it goes on, journaled together with what came of it. */
export class Bill {
  readonly #tools: CallTools;
  readonly #mayWait: boolean;
  #paid: readonly Paid[] = [];
  #answers: readonly StoredAnswer[] = [];
  #releases: readonly (() => void)[] = [];
  #usage: Usage = noUsage;

  /** `mayWait`: what came of it may wait a moment for other results to be written with. */
  constructor(tools: CallTools, mayWait = false) {
    this.#tools = tools;
    this.#mayWait = mayWait;
  }

  /** Answers that were paid for; those of the answer cache are not. */
  get calls(): number {
    return this.#paid.length;
  }

  /** Whether a paid answer has the log-probabilities that the model had promised; absent where none were asked for. */
  promise: 'kept' | 'broken' | undefined;

  /** Of the paid ones. */
  get usage(): Usage {
    return this.#usage;
  }

  add({ call, completion, paid, release }: Answer): void {
    this.#releases = [...this.#releases, release];
    if (!paid) return;
    this.#paid = [...this.#paid, paid];
    this.#answers = [...this.#answers, { call, completion }];
    this.#usage = addUsage(this.#usage, completion.usage);
  }

  /** Journals what came of it, with the answers. What is added later stands on a new bill. */
  async settle(event: RunEvent): Promise<void> {
    const { committer, ledger } = this.#tools;
    const [paid, answers, releases] = [this.#paid, this.#answers, this.#releases];
    [this.#paid, this.#answers, this.#releases, this.#usage] = [[], [], [], noUsage];
    try {
      await committer.commit({
        events: [event],
        mayWait: this.#mayWait,
        answers,
        settled: paid.map(({ attempt }) => attempt),
        applied: () => {
          for (const { reserve } of paid) ledger.settle(reserve);
        },
      });
    } finally {
      for (const release of releases) release();
    }
  }

  /** Nothing came of it, or not all that is needed; what was paid for is kept. */
  async keep(more: { readonly probe?: true } = {}): Promise<void> {
    const { role } = this.#tools;
    if (this.calls > 0)
      await this.settle({ type: 'answers-kept', role, calls: this.calls, usage: this.#usage, ...more });
    else {
      for (const release of this.#releases) release();
      this.#releases = [];
    }
  }
}
