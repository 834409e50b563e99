// @ts-check

/** @typedef {{ start: string, seed: readonly string[], budget: readonly string[], jobs: string, 'test-rows'?: string | undefined, 'grid-rows'?: string | undefined, 'grid-prompts'?: string | undefined, scenes?: string | undefined }} Options */

const countOptions = /** @type {const} */ (['test-rows', 'grid-rows', 'grid-prompts', 'scenes']);

/**
 * What is wrong with the options, in a sentence; undefined when they can be used. A result that was made under a wrong one would stay
 * among the results.
 * @param {Options} options
 */
export function optionsProblem({ start, seed, budget, jobs, ...counts }) {
  if (!['bad', 'plain'].includes(start)) return `--start must be bad or plain, not "${start}".`;
  for (const [name, words, least, most] of /** @type {const} */ ([
    ['seed', seed, 0, Number.MAX_SAFE_INTEGER],
    ['budget', budget, 1, Number.MAX_SAFE_INTEGER],
    ...countOptions.map((name) => /** @type {const} */ ([name, counts[name] ?? [], 1, Number.MAX_SAFE_INTEGER])),
    ['jobs', [jobs], 1, 8],
  ]))
    for (const word of [words].flat())
      if (!/^\d+$/.test(word) || Number(word) < least || Number(word) > most)
        return `--${name} must be a whole number ${most > 8 ? `of at least ${least}` : `from ${least} to ${most}`}, not "${word}".`;
  return undefined;
}

/**
 * The same for --ours, which names a method of the kept results.
 * @param {readonly { method: string }[]} results @param {string} [ours]
 */
export function oursProblem(results, ours) {
  const known = [...new Set(results.map(({ method }) => method))];
  return ours === undefined || known.includes(ours)
    ? undefined
    : `--ours: there is no result of "${ours}". There are some of: ${known.join(', ')}.`;
}
