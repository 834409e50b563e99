import workerAddress from './engine/worker.ts?worker&url';
import { failureOf } from '#lib/loading.ts';
import { startWorker } from '#lib/worker.ts';

/**
 * The script of engine.html, a hidden frame of the page. It first narrows its own Content-Security-Policy to the addresses that the
 * person has named, and then starts the engine, which inherits it: whatever goes wrong in there, no request leaves for another host.
 */
declare global {
  interface Window {
    engineWorker?: Worker;
    /** Settles when its script could not be loaded. */
    engineFailed?: Promise<unknown>;
  }
}

/** Only a plain origin gets into the policy: no `;`, no space, no star. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

function narrow(origins: readonly string[]): void {
  const own = import.meta.env.DEV ? ["'self'"] : []; // the development server talks to its pages
  const sources = [...own, ...origins.filter(isOrigin)];
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = `connect-src ${sources.length === 0 ? "'none'" : sources.join(' ')}`;
  document.head.append(meta);
}

/** Opened by itself or by a stranger, it is nothing: reading the parent's address fails there. */
function isOurs(): boolean {
  try {
    return parent !== window && parent === top && parent.location.origin === location.origin;
  } catch {
    return false;
  }
}

if (isOurs()) {
  narrow(decodeURIComponent(location.hash.slice(1)).split(' ').filter(Boolean));
  const worker = startWorker(workerAddress, 'engine');
  window.engineWorker = worker;
  window.engineFailed = failureOf(worker); // from the first moment on: it may fail before the page looks
} else {
  document.body.textContent = 'This page is a part of Automated Prompt Generator and does nothing by itself.';
}
