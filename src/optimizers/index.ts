import type { Optimizer } from '#core/optimizer.ts';
import { contrastive } from './contrastive.ts';
import { copro } from './copro.ts';
import { gepa } from './gepa.ts';
import { miprov2 } from './miprov2.ts';
import { promptwizard } from './promptwizard.ts';
import { randomDemos } from './random-demos.ts';
import { simba } from './simba.ts';
import { textgrad } from './textgrad.ts';

/** All optimizers by their id. Adding one: one file and one line here. */
export const optimizers = {
  contrastive,
  'random-demos': randomDemos,
  gepa,
  miprov2,
  copro,
  simba,
  textgrad,
  promptwizard,
} as const satisfies Readonly<Record<string, Optimizer>>;

export const optimizerOf = (id: string): Optimizer | undefined =>
  Object.hasOwn(optimizers, id) ? optimizers[id as keyof typeof optimizers] : undefined;
