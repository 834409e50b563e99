import { mount } from 'svelte';
import { App } from '#state/app.svelte.ts';
import '#ui/app.css';
import Root from '#ui/App.svelte';
import Unavailable from '#ui/Unavailable.svelte';

/** Composition root of the page: the only place that knows of all layers. */
const target = document.getElementById('app');
if (!target) throw new Error('Bug: index.html has no #app');

const startWorker = (): Worker =>
  new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module', name: 'engine' });

try {
  const app = await App.open(startWorker);
  mount(Root, { target, props: { app } });
} catch (error) {
  mount(Unavailable, { target, props: { error } });
}
