import { createContext } from 'svelte';
import type { App } from './app.svelte.ts';

/** The one app, handed down from the root component. No module exports an instance. */
export const [getApp, setApp] = createContext<App>();
