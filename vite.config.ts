import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/csp.ts';

/**
 * What workers and pages that are loaded late import. Found only when they are first needed, it would be bundled then and there, and the
 * page would be loaded anew under the hands of whoever had just chosen a file.
 */
export const importedLate = [
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'chart.js',
  'comlink',
  'diff',
  'idb',
  'jstat',
  'lossless-json',
  'openai',
  'papaparse',
  'valibot',
] as const;

export default defineConfig({
  base: './', // any sub-path of any static host
  plugins: [svelte(), contentSecurityPolicy()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'engine.html'],
      output: {
        codeSplitting: {
          // small shared files get a chunk of their own: bundled with a large one, they would bring it into the first load
          groups: [
            { name: 'clock', test: /src[\\/]lib[\\/](?:abort|clock|frame|log|random)\.ts$/ },
            // large, and not needed before there is a score
            {
              name: 'statistics',
              test: /node_modules[\\/]jstat|src[\\/](?:lib[\\/]special|core[\\/](?:statistics|evaluation|report))/,
            },
          ],
        },
      },
    },
  },
  optimizeDeps: { include: [...importedLate] },
  worker: { format: 'es' },
});
