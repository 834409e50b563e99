import type { Random } from '#lib/random.ts';
import type { Latency } from './types.ts';

/** Time that a request takes until its answer is made, in milliseconds. `n` is the number of the request, from 1. */
export function latencyMs(latency: Latency, random: Random, n: number): number {
  switch (latency.type) {
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.minMs + (latency.maxMs - latency.minMs) * random.next();
    case 'lognormal': {
      // Box–Muller: one normal draw from two uniform ones
      const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
      return Math.min(latency.maxMs ?? Infinity, latency.medianMs * Math.exp(latency.sigma * normal));
    }
    case 'list':
      return latency.ms[(n - 1) % latency.ms.length] ?? 0;
  }
}
