import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

/**
 * The layers, left to right: an import points right or stays in its folder. The siblings in the middle do not know each other;
 * they meet in the composition roots (main.ts, engine/worker.ts, importers/worker.ts, headless/).
 */
const siblings = ['engine', 'storage', 'metrics', 'optimizers', 'providers', 'importers', 'exporters'];
const below = {
  lib: [],
  core: ['lib'],
  ...Object.fromEntries(siblings.map((layer) => [layer, ['core', 'lib']])),
  state: [...siblings, 'core', 'lib'],
  ui: ['state', 'core', 'lib'],
  root: ['ui', 'state', ...siblings, 'core', 'lib'],
};
/** Each package is named in one layer only, behind our own words. */
const packages = {
  lib: ['@noble/hashes', '@noble/hashes/*', 'comlink', 'jstat'],
  core: ['valibot'],
  engine: [],
  storage: ['idb'],
  metrics: [],
  optimizers: [],
  providers: ['openai'],
  importers: ['papaparse', 'lossless-json'],
  exporters: ['valibot'],
  state: ['svelte', 'svelte/*'],
  ui: ['svelte', 'svelte/*', 'chart.js', 'diff'],
  root: ['svelte', 'node:*'],
};

export default defineConfig(
  globalIgnores(['dist', '.cache', 'coverage']),
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ['src/**/*.{ts,svelte}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { [fileURLToPath(new URL('./build/import-resolver.cjs', import.meta.url))]: {} },
      'boundaries/dependency-nodes': ['import', 'dynamic-import', 'export', 'require'],
      'boundaries/elements': [
        { type: 'root', pattern: 'src/headless' },
        ...Object.keys(below)
          .filter((layer) => layer !== 'root')
          .map((layer) => ({ type: layer, pattern: `src/${layer}` })),
      ],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          checkAllOrigins: true,
          checkUnknownLocals: true,
          message:
            'Layers: an import points from main to lib and never back; siblings meet only in a composition root (CONTRIBUTING.md).',
          policies: Object.entries(below).map(([layer, lower]) => ({
            from: { element: { type: layer } },
            allow: {
              to: [
                { element: { types: { anyOf: [layer, ...lower] } } },
                ...packages[layer].map((source) => ({ module: { origin: 'external', source } })),
                ...(layer === 'root' ? [{ module: { origin: 'core' } }, { file: { path: 'src/compose.ts' } }] : []),
              ],
            },
          })),
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'localStorage', message: 'Only storage/ keeps things.' },
        { name: 'sessionStorage', message: 'Only storage/ keeps things.' },
        { name: 'indexedDB', message: 'Only storage/ keeps things.' },
      ],
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['src/lib/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Time is handed in: lib/clock.ts.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is handed in: lib/clock.ts.',
        },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Chance is handed in: lib/random.ts.',
        },
        {
          selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']",
          message: 'Time is handed in: lib/clock.ts.',
        },
      ],
    },
  },
  // composition roots: the only files that may know all layers, and that no layer may know
  {
    files: ['src/main.ts', 'src/frame.ts', 'src/engine-home.ts', 'src/compose.ts', 'src/engine/worker.ts'],
    rules: { 'boundaries/dependencies': 'off' },
  },
  { files: ['src/state/version.ts'], rules: { 'boundaries/dependencies': 'off' } }, // reads package.json
  { files: ['src/storage/**'], rules: { 'no-restricted-globals': 'off' } },
  // runs in a folder, for the command line: the page never loads them
  { files: ['src/storage/file-storage.ts', 'src/storage/folder-lock.ts'], rules: { 'boundaries/dependencies': 'off' } },
  { files: ['src/headless/**', 'src/lib/log.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{ts,svelte}'],
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off', // `type` for data, `interface` for seams: both are used on purpose
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'svelte/require-each-key': 'error',
    },
  },
  {
    // props of a Svelte component may be reassigned by the framework, which the rule cannot see
    files: ['**/*.svelte'],
    rules: { 'prefer-const': 'off' },
  },
  { files: ['*.js', 'build/*.cjs', 'scripts/**', 'test/bench/**/*.mjs'], extends: [ts.configs.disableTypeChecked] },
  { files: ['build/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } }, // the plug-in loads it with require
);
