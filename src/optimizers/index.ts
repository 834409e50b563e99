import type { Optimizer } from '#core/optimizer.ts';
import { ape } from './ape.ts';
import { capo } from './capo.ts';
import { compare } from './compare.ts';
import { contrastive } from './contrastive.ts';
import { copro } from './copro.ts';
import { evopromptDe } from './evoprompt-de.ts';
import { evopromptGa } from './evoprompt-ga.ts';
import { gepa } from './gepa.ts';
import { miprov2 } from './miprov2.ts';
import { opro } from './opro.ts';
import { pacer } from './pacer.ts';
import { promptwizard } from './promptwizard.ts';
import { protegi } from './protegi.ts';
import { randomDemos } from './random-demos.ts';
import { simba } from './simba.ts';
import { textgrad } from './textgrad.ts';

/** All optimizers by their id, those to begin with first. Adding one: one file and one line here. */
export const optimizers = {
  pacer,
  compare,
  contrastive,
  'random-demos': randomDemos,
  ape,
  opro,
  protegi,
  'evoprompt-ga': evopromptGa,
  'evoprompt-de': evopromptDe,
  copro,
  textgrad,
  promptwizard,
  miprov2,
  simba,
  gepa,
  capo,
} as const satisfies Readonly<Record<string, Optimizer>>;

/** What a new run begins with, on screen and on the command line, where nothing else is said. */
export const defaultOptimizer: keyof typeof optimizers = 'pacer';

export const optimizerOf = (id: string): Optimizer | undefined =>
  Object.hasOwn(optimizers, id) ? optimizers[id as keyof typeof optimizers] : undefined;
