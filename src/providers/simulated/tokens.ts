import type { CompletionRequest, TokenLogprob } from '#core/completion.ts';

/** A way to go on and its probability. */
export type Option = { readonly token: string; readonly p: number };

/** Words with the space before them, up to three digits, single marks: close to what real tokenizers do. */
export const tokensOf = (text: string): readonly string[] =>
  text.match(/ ?\p{L}{1,12}| ?\d{1,3}|\n+| ?[^\p{L}\d\n]/gu) ?? [];

/** About four characters a token, and a few tokens of ceremony for each message. */
export const inputTokensOf = (request: CompletionRequest): number =>
  request.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4) + 4, 3);

/** Rounded, so that the last digits of a browser's logarithm do not matter. */
const logOf = (p: number): number => Math.round(Math.log(p) * 1e5) / 1e5;

const goingOn = [',', '.', ' and', ' the', ' of'];

/** The log-probabilities of an answer: the whole list for the first token, a short one for the rest, which nothing looks at. */
export function logprobsOf(tokens: readonly string[], first: readonly Option[], top: number): readonly TokenLogprob[] {
  return tokens.map((token, index) => {
    const options =
      index === 0
        ? first
        : [{ token, p: 0.9 }, ...goingOn.filter((o) => o !== token).map((o, i) => ({ token: o, p: 0.04 / (i + 1) }))];
    const chosen = options.find((option) => option.token === token)?.p ?? 1e-4;
    return {
      token,
      logprob: logOf(chosen),
      alternatives: options.slice(0, index === 0 ? top : Math.min(top, 5)).map((option) => ({
        token: option.token,
        logprob: logOf(option.p),
      })),
    };
  });
}

/** Cuts a text where the request wants it to end. */
export function withinLimits(
  text: string,
  request: CompletionRequest,
): { readonly tokens: readonly string[]; readonly finishReason: 'stop' | 'length' } {
  const end = (request.stop ?? [])
    .map((stop) => text.indexOf(stop))
    .filter((place) => place >= 0)
    .reduce((a, b) => Math.min(a, b), text.length);
  const tokens = tokensOf(text.slice(0, end));
  return tokens.length > request.maxTokens
    ? { tokens: tokens.slice(0, request.maxTokens), finishReason: 'length' }
    : { tokens, finishReason: 'stop' };
}
