import type { Optimizer } from '#core/optimizer.ts';
import { contrastive } from './contrastive.ts';

/** All optimizers by their id. Adding one: one file and one line here. */
export const optimizers = { contrastive } as const satisfies Readonly<Record<string, Optimizer>>;

/** What a new run begins with, on screen and on the command line, where nothing else is said. */
export const defaultOptimizer: keyof typeof optimizers = 'contrastive';

export const optimizerOf = (id: string): Optimizer | undefined =>
  Object.hasOwn(optimizers, id) ? optimizers[id as keyof typeof optimizers] : undefined;
