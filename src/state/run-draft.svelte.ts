import type { Budget } from '#core/budget.ts';
import { trainRows, type Dataset, type Example, type SplitIds } from '#core/example.ts';
import { defaultsOf, type FieldValue } from '#core/fields.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { choicesField } from '#core/prompt.ts';
import type { ModelChoice, RunSpec } from '#core/run.ts';
import {
  defaultSizes,
  distinctExamples,
  noRows,
  sameSizes,
  sizesOf,
  splitExamples,
  type SplitSizes,
} from '#core/split.ts';
import { guessTask } from '#core/task-guess.ts';
import type { AnswerFormat, TaskSpec } from '#core/task.ts';
import { defaultOptimizer, optimizerOf, optimizers } from '#optimizers/index.ts';
import { makeStartingPrompts } from '#optimizers/starting-prompts.ts';
import { metricChoices } from './choices.ts';
import { DraftModels } from './draft-models.svelte.ts';
import { findProblems, type Problem } from './draft-problems.ts';
import { specOfDraft } from './draft-spec.ts';
import type { DraftStart } from './draft-start.ts';
import { testSeenDividedAnew } from './run-again.ts';
import { RunForecast } from './run-forecast.ts';
import { distinctTexts, Remembered } from './model-draft.ts';
import { asksGenerator } from './run-models.ts';

/** A run that is being set up. Everything but the choices themselves follows from them. */
export class RunDraft {
  readonly dataset: Dataset;
  name = $state('');
  seed = $state(1);
  sizes = $state.raw<SplitSizes>(noRows);
  task = $state.raw<TaskSpec>() as TaskSpec;
  prompts = $state<string[]>(['']);
  readonly models = new DraftModels(() => asksGenerator(this.optimizer.id));
  optimizerId = $state<string>(defaultOptimizer);
  optimizerValues = $state.raw<Readonly<Record<string, FieldValue>>>(defaultsOf(optimizers[defaultOptimizer].fields));
  calls = $state(1000);
  tokens = $state<number>();
  costUsd = $state<number>();
  minutes = $state<number>();
  /** A ceiling beside the optimizer's own number of rounds. */
  rounds = $state<number>();
  concurrency = $state(4);
  readonly #remembered = new Remembered();
  /** What would be guessed of the columns, for the form of the answer as it stands. */
  readonly #guess = $derived.by(() => guessTask(this.dataset, this.task));
  /** What was made from a task and taken over among the prompts, to be changed. */
  #taken = $state.raw<readonly string[]>([]);
  /** Rows that may be learned from, as they were divided last: to divide many rows takes a moment, too long for each key press. */
  trainRows = $state.raw<readonly Example[]>([]);
  #divided = $state.raw<{ readonly sizes: SplitSizes; readonly seed: number; readonly parts: SplitSizes }>({
    sizes: noRows,
    seed: 0,
    parts: noRows,
  });
  /** Prompts made from the task as it stands: the run starts from them where nobody wrote one. */
  readonly madePrompts = $derived.by<readonly string[]>(() =>
    makeStartingPrompts(this.task, this.trainRows, this.#guess.description),
  );
  /** Rows that the parts can hold: word for word equal ones count once, but for parts of an earlier run that had them. */
  readonly usableRows: number;
  /** Kept until a size or the seed changes: dividing many rows takes a moment. */
  readonly split = $derived.by<SplitIds>(() =>
    this.#given && sameSizes(this.#given.sizes, this.sizes) && this.#given.seed === this.seed
      ? this.#given.split
      : splitExamples(this.dataset.examples, { seed: this.seed, ...this.sizes }),
  );
  readonly #given: { readonly split: SplitIds; readonly sizes: SplitSizes; readonly seed: number } | undefined;
  readonly #givenSeen: Pick<DraftStart, 'testSeen' | 'rowsSeen' | 'oldPrompts'>;
  /** Earlier runs that used some of the test rows, as they are divided now; at least so many. */
  readonly testSeen = $derived.by(() =>
    this.#given?.split === this.split
      ? (this.#givenSeen.testSeen ?? 0)
      : testSeenDividedAnew(this.#givenSeen, this.split.test),
  );
  /** What the run will take, by its plan. */
  readonly forecast = new RunForecast(this);

  constructor(dataset: Dataset, seed: number, start: DraftStart = {}) {
    this.dataset = dataset;
    this.seed = seed;
    this.name = start.name ?? dataset.name;
    const sizes = start.split && sizesOf(start.split);
    this.#given = start.split && sizes && { split: start.split, sizes, seed };
    this.#givenSeen = {
      ...(start.testSeen ? { testSeen: start.testSeen } : {}),
      ...(start.rowsSeen ? { rowsSeen: start.rowsSeen } : {}),
      ...(start.oldPrompts ? { oldPrompts: start.oldPrompts } : {}),
    };
    const given = sizes ? sizes.train + sizes.validation + sizes.test : 0;
    this.usableRows = Math.max(given, distinctExamples(dataset.examples).length);
    this.sizes = sizes ?? start.sizes ?? defaultSizes(this.usableRows);
    this.task = { ...guessTask(dataset), ...start.task };
    this.#taken = start.madePrompts ?? [];
    if (start.prompts && start.prompts.length > 0) this.prompts = [...start.prompts];
    this.models.open(start.models);
    const { optimizer, budget } = start;
    if (optimizer && optimizerOf(optimizer.id)) {
      this.optimizerId = optimizer.id;
      this.optimizerValues = { ...defaultsOf(this.optimizer.fields), ...optimizer.values };
    }
    if (budget) this.setBudget(budget);
    this.concurrency = start.concurrency ?? this.concurrency;
    this.divide();
  }

  /** Divides the rows by the sizes as they are now; not while one of them is still being typed. */
  divide(): void {
    const isWhole = [this.seed, ...Object.values(this.sizes)].every(Number.isInteger);
    if (!isWhole) return;
    this.trainRows = trainRows(this.dataset, this.split);
    this.#divided = { sizes: this.sizes, seed: this.seed, parts: sizesOf(this.split) };
  }

  /**
   * The parts as they come out: rows that ask the same stay together, so that a part may miss the size that was asked for. That size
   * while it is being typed.
   */
  get parts(): SplitSizes {
    const { sizes, seed, parts } = this.#divided;
    return seed === this.seed && sameSizes(sizes, this.sizes) ? parts : this.sizes;
  }

  /** What this draft can be opened with again: all of it but the keys. */
  toStart(): DraftStart {
    return {
      name: this.name,
      prompts: [...this.prompts],
      madePrompts: this.#taken,
      task: this.task,
      models: this.models.toStart(),
      sizes: this.sizes,
      ...(this.#given?.split === this.split ? { split: this.split } : {}),
      ...this.#givenSeen,
      optimizer: { id: this.optimizerId, values: { ...this.optimizerValues } },
      budget: this.budget,
      concurrency: this.concurrency,
    };
  }

  setBudget({ calls, tokens, costUsd, minutes, rounds }: Budget): void {
    this.calls = calls;
    this.tokens = tokens;
    this.costUsd = costUsd;
    this.minutes = minutes;
    this.rounds = rounds;
  }

  /** The ceilings that are set. */
  get budget(): Budget {
    const { calls, tokens, costUsd, minutes, rounds } = this;
    const set = Object.entries({ tokens, costUsd, minutes, rounds }).filter(([, value]) => value !== undefined);
    return { calls, ...Object.fromEntries(set) };
  }

  get optimizer(): Optimizer {
    return optimizerOf(this.optimizerId) ?? optimizers[defaultOptimizer];
  }

  /** Names that a template may use. */
  get fields(): readonly string[] {
    const choices = this.dataset.examples.some((example) => example.choices);
    return [...this.dataset.fields, ...(choices ? [choicesField] : [])];
  }

  /** Nobody wrote a prompt: the run starts from those that are made from the task. */
  get startsFromMade(): boolean {
    return distinctTexts(this.prompts).length === 0;
  }

  get startingPrompts(): readonly string[] {
    return this.startsFromMade ? this.madePrompts : distinctTexts(this.prompts);
  }

  /** Whether the app made this prompt, and nobody has changed it since. */
  isMade(prompt: string): boolean {
    return this.#taken.includes(prompt.trim());
  }

  /** Puts the prompts that were made from the task among the person's own, to be changed. */
  takeMadePrompts(): void {
    this.#taken = distinctTexts([...this.#taken, ...this.madePrompts]);
    this.prompts = [...this.madePrompts];
  }

  chooseOptimizer(id: string): void {
    const known = this.#remembered.options({ id: this.optimizerId, values: this.optimizerValues }, id);
    this.optimizerId = id;
    this.optimizerValues = known ?? defaultsOf(this.optimizer.fields);
  }

  /** Another answer format brings its usual metric along, where the present one cannot judge it. */
  setAnswer(answer: AnswerFormat): void {
    const metrics = metricChoices(answer.type);
    const fits = answer.type === this.task.answer.type && metrics.some(({ id }) => id === this.task.metric);
    this.#setForm({ answer, metric: fits ? this.task.metric : (metrics[0]?.id ?? this.task.metric) });
  }

  setMetric(metric: string): void {
    this.#setForm({ answer: this.task.answer, metric });
  }

  /** What was guessed along with the old form, and not changed since, is guessed anew: the generator reads it. */
  #setForm(form: Pick<TaskSpec, 'answer' | 'metric'>): void {
    const { task } = this;
    const [before, after] = [this.#guess, guessTask(this.dataset, form)];
    this.task = {
      ...task,
      ...form,
      description: task.description === before.description ? after.description : task.description,
      maxAnswerTokens: task.maxAnswerTokens === before.maxAnswerTokens ? after.maxAnswerTokens : task.maxAnswerTokens,
    };
  }

  /** What keeps the run from starting, each with its place and the way out. */
  get findings(): readonly Problem[] {
    return findProblems(this);
  }

  get problems(): readonly string[] {
    return this.findings.map(({ text }) => text);
  }

  /** Started from the very prompts of the earlier run that saw its test rows. */
  get sameStart(): boolean {
    return this.testSeen > 0 && this.startingPrompts.every((prompt) => this.#givenSeen.oldPrompts?.includes(prompt));
  }

  /** The frozen spec. `withoutSecrets` takes the keys out of a model's values and keeps them in memory. */
  toSpec(now: number, withoutSecrets: (choice: ModelChoice) => ModelChoice): RunSpec {
    this.divide();
    return specOfDraft(this, now, withoutSecrets);
  }
}
