// @ts-check
// Requests and answers as the proxy takes them apart and puts them together.

/** Said by some clients where nothing is to be said. */
const emptySystem = 'You are a helpful assistant.';

/**
 * The query that is asked: the same for every method. Some end a prompt with an "Input:" of their own, where the input would follow.
 * @param {string} prompt @param {string} query
 */
export function joined(prompt, query) {
  const text = prompt.replace(/\n+Input:\s*$/, '').trim();
  return text === '' ? query : `${text}\n\n${query}`;
}

/**
 * The prompt and the row that a text was made of: it ends with the row as it is asked, or with the bare input on lines of its own.
 * @param {string} text @param {readonly import('./proxy.mjs').Row[]} rows
 */
export function apart(text, rows) {
  for (const row of rows) {
    const ending = [row.query, row.input].find((end) => text === end || text.endsWith(`\n${end}`));
    if (ending !== undefined) return { prompt: text.slice(0, text.length - ending.length), row };
  }
  return undefined;
}

/** All messages as one text, as the evaluation model gets them. @param {any} body */
export const questionOf = (body) =>
  body.messages
    .map((/** @type {any} */ { content }) =>
      typeof content === 'string' ? content : content.map((/** @type {any} */ part) => part.text ?? '').join(''),
    )
    .filter((/** @type {string} */ text) => text.trim() !== '' && text.trim() !== emptySystem)
    .join('\n');

/** Tokens further on never carry the cross entropy of a first token: their alternatives are left out. */
const tokensWithAlternatives = 3;

/** What is used of an answer, and kept. @param {any} body */
export function trimmed({ choices: [choice], usage }) {
  const entry = (/** @type {any} */ { token, logprob }) => ({ token, logprob });
  const content = choice.logprobs?.content?.map((/** @type {any} */ item, /** @type {number} */ place) => ({
    ...entry(item),
    top_logprobs: place < tokensWithAlternatives ? (item.top_logprobs ?? []).map(entry) : [],
  }));
  return {
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: choice.message.content ?? '' },
        finish_reason: choice.finish_reason,
        ...(content ? { logprobs: { content } } : {}),
      },
    ],
    usage: { prompt_tokens: usage?.prompt_tokens ?? 0, completion_tokens: usage?.completion_tokens ?? 0 },
  };
}
