import * as v from 'valibot';
import { AppError } from '#core/error.ts';
import { jsonErrorLine } from '#lib/json-line.ts';

/**
 * The best prompts of a run as JSON: format `automated-prompt-generator/prompts`, version 1 (documented in docs/best-prompts.md).
 * No key and no header is ever in it, and no data row but those that a prompt shows as worked examples.
 */
const Interval = v.object({ value: v.number(), lo: v.number(), hi: v.number(), n: v.number() });
const SplitScore = v.object({
  n: v.number(),
  right: v.number(),
  coverage: v.number(),
  accuracy: v.optional(Interval),
  crossEntropy: v.optional(v.object({ ...Interval.entries, bounded: v.number(), estimated: v.boolean() })),
});
const Message = v.object({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() });
const Model = v.object({
  provider: v.string(),
  model: v.string(),
  baseUrl: v.optional(v.string()),
  simulated: v.boolean(),
});

export const BestPromptsFile = v.object({
  format: v.literal('automated-prompt-generator/prompts'),
  version: v.literal(1),
  prompts: v.array(
    v.object({
      id: v.string(),
      rank: v.number(),
      round: v.number(),
      start: v.boolean(),
      /** A starting prompt that the app made from the task. */
      made: v.optional(v.literal(true)),
      /** The prompt under optimization alone, whole. */
      prompt: v.string(),
      /** Where it shows worked examples: the instruction without them, and the rows that they show. */
      instruction: v.optional(v.string()),
      demonstrations: v.optional(v.array(v.string())),
      /** The messages as they are sent, with `{{field}}` where the data goes. */
      messages: v.array(Message),
      variables: v.array(v.string()),
      scores: v.object({
        train: v.optional(SplitScore),
        validation: v.optional(SplitScore),
        test: v.optional(SplitScore),
      }),
    }),
  ),
  baseline: v.nullable(v.string()),
  /** How much of the winner's score is the luck of having been chosen; absent as long as nothing has a score. */
  selection: v.optional(
    v.object({
      standing: v.picklist(['sealed', 'unopened', 'development']),
      chosenOn: v.array(
        v.object({
          split: v.picklist(['train', 'validation']),
          accuracy: Interval,
          rivals: v.number(),
          tried: v.optional(v.number()),
          first: v.boolean(),
          expectedInflation: v.optional(v.number()),
          corrected: v.optional(v.number()),
        }),
      ),
      test: v.optional(Interval),
      /** Earlier runs, each begun from the one before, that used some or all of the test rows. */
      testSeen: v.optional(v.number()),
    }),
  ),
  models: v.object({ evaluation: Model, generator: Model }),
  dataset: v.object({ id: v.string(), name: v.string(), train: v.number(), validation: v.number(), test: v.number() }),
  task: v.object({ description: v.string(), metric: v.string(), answer: v.unknown() }),
  optimizer: v.object({ id: v.string(), version: v.number() }),
  seed: v.number(),
  cost: v.object({
    evaluationCalls: v.number(),
    generatorCalls: v.number(),
    probeCalls: v.number(),
    cachedAnswers: v.number(),
    inputTokens: v.number(),
    outputTokens: v.number(),
    usd: v.nullable(v.number()),
  }),
  run: v.string(),
  name: v.string(),
  createdAt: v.string(),
});
export type BestPromptsFile = v.InferOutput<typeof BestPromptsFile>;

/** Text of the file: two spaces, one line end at the end. */
export const printBestPrompts = (file: BestPromptsFile): string => `${JSON.stringify(file, null, 2)}\n`;

/**
 * Reads starting prompts out of a file: our own export, a plain list of texts, a list of objects with a `prompt`, or `{ "prompts": […] }`.
 * @throws AppError `import-bad-json` or `import-not-ours`.
 */
export function readPrompts(text: string, file: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new AppError('import-bad-json', {
      file,
      line: jsonErrorLine(text.replace(/^\uFEFF/, '')),
      problem: 'the JSON ends too early or has a stray character.',
    });
  }
  const rows = Array.isArray(value) ? value : (value as { prompts?: unknown } | null)?.prompts;
  const Prompt = v.union([
    v.string(),
    v.pipe(
      v.object({ prompt: v.string() }),
      v.transform(({ prompt }) => prompt),
    ),
  ]);
  const parsed = v.safeParse(v.array(Prompt), rows);
  const prompts = parsed.success ? parsed.output.filter((prompt) => prompt.trim() !== '') : [];
  if (prompts.length === 0)
    throw new AppError('import-not-ours', {
      file,
      wanted: 'a list of prompts',
      problem: 'it holds neither a list of texts nor a “prompts” list.',
    });
  return prompts;
}
