import type { App } from '#state/app.svelte.ts';

/** Whether a person has to be told something about what this browser keeps. */
export const needsWord = ({ loss, safety }: App['keeping']): boolean => loss !== undefined || safety.state !== 'ok';
