import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/csp.ts';

export default defineConfig({
  base: './', // any sub-path of any static host
  plugins: [svelte(), contentSecurityPolicy()],
  build: { target: 'es2023', modulePreload: { polyfill: false } },
  worker: { format: 'es' },
});
