import axe from 'axe-core';
import { expect, onTestFinished } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { expose } from '#lib/rpc.ts';
import { App } from '#state/app.svelte.ts';
import { parseRoute, Router } from '#state/route.svelte.ts';
import Root from '#ui/App.svelte';
import '#ui/app.css';
import { FakeEngine } from './fake-engine.ts';
import type { HandMadeRun } from './hand-made-run.ts';

export type Shown = { readonly app: App; readonly engine: FakeEngine };

/** The whole app with these runs in it and nothing else, in front of an engine that does what the test says. */
export async function openApp(...runs: readonly HandMadeRun[]): Promise<Shown> {
  const engine = new FakeEngine();
  const { port1, port2 } = new MessageChannel();
  expose(engine.api(), port2);
  const address = { location: { hash: '' } as Location, addEventListener: () => undefined };
  const app = await App.open(() => ({ worker: port1, close: () => undefined }), new Router(address));
  await app.deleteEverything();
  for (const run of runs) await app.addBundle(run.bundle);
  await app.engine.setSecrets([]);
  return { app, engine };
}

export async function showApp({ app }: Shown, address: string): Promise<void> {
  app.router.go(parseRoute(address));
  const screen = await render(Root, { app });
  onTestFinished(() => screen.unmount());
}

/** The page of a run, on one of its tabs. `driven`: the engine of this page is at work on it. */
export async function showRun(run: HandMadeRun, part = '', driven = false): Promise<Shown> {
  const shown = await openApp(run);
  if (driven) shown.engine.drives = [run.spec.id];
  await showApp(shown, `#/runs/${run.spec.id}/${part}`);
  await expect.element(page.getByRole('heading', { level: 1, name: run.spec.name })).toBeVisible();
  return shown;
}

/** What axe-core objects to, in words. Colours that fade are brought to their end first: half-way they are nobody's choice. */
export async function faultsOfPage(): Promise<readonly string[]> {
  for (let still = 0, frames = 0; still < 2 && frames < 60; frames += 1) {
    await new Promise(requestAnimationFrame);
    const fading = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    for (const animation of fading) animation.finish();
    still = fading.length === 0 ? still + 1 : 0;
  }
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)].join(' '));
}
