/** What became of a request to a server: an answer, a refusal, nothing; or it was never sent, because the page's policy forbids it. */
export type RequestOutcome = 'answered' | 'refused' | 'failed' | 'blocked';

let listener: ((origin: string, outcome: RequestOutcome) => void) | undefined;

/** Who counts the requests of this thread. */
export function countRequests(hear: (origin: string, outcome: RequestOutcome) => void): void {
  listener = hear;
}

/** To be called for each request that leaves for a server. */
export function noteRequest(address: string, outcome: RequestOutcome): void {
  if (URL.canParse(address)) listener?.(new URL(address).origin, outcome);
}
