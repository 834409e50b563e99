/** For programming mistakes only: what a person can cause is an AppError with a code. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${sentence}`);
}

/** The value, or a loud stop where it cannot be missing. */
export function must<T>(value: T | undefined | null, sentence: string): T {
  assert(value !== undefined && value !== null, sentence);
  return value;
}
