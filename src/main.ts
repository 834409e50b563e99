import { mount } from 'svelte';
import { AppError } from '#core/error.ts';
import { App } from '#state/app.svelte.ts';
import '#ui/app.css';
import Root from '#ui/App.svelte';
import Unavailable from '#ui/Unavailable.svelte';
import { openEngine } from './engine-home.ts';

/** Composition root of the page: the only place that knows of all layers. */
const target = document.getElementById('app');
if (!target) throw new Error('Bug: index.html has no #app');

async function begin(element: HTMLElement): Promise<void> {
  try {
    if (!isSecureContext) throw new AppError('address-insecure', { address: location.origin });
    const app = await App.open(openEngine);
    mount(Root, { target: element, props: { app } });
  } catch (error) {
    mount(Unavailable, { target: element, props: { error } });
  }
}

// Inside somebody else's page, a press could be lured onto a button that spends money.
if (self === top) await begin(target);
else target.textContent = `This app does not run inside another page. Open it in a tab of its own: ${location.href}`;
