/** For programming mistakes only: what a person can cause is an AppError with a code. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${sentence}`);
}
