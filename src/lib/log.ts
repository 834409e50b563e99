/** The only caller of the console. Nothing that a person entered (keys, data, prompts) is ever logged. */
export const logError = (place: string, error: unknown): void => {
  console.error(place, error);
};
