import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

type Package = {
  readonly name?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
};
type Lock = { readonly lockfileVersion: number; readonly packages: Readonly<Record<string, Package>> };

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'));
const lock = (await read('package-lock.json')) as Lock;
const installed = Object.entries(lock.packages).filter(([place]) => place !== '');
const nameOf = (place: string): string => place.replace(/^.*node_modules\//, '');

/**
 * All that may come to run in somebody's browser, with what it brings along. A new name here is a decision: who keeps it, what it does,
 * and why our own twenty lines would not do.
 */
const allowed = [
  '@noble/hashes',
  'chart.js',
  '@kurkle/color', // of chart.js
  'comlink',
  'diff',
  'idb',
  'jstat', // special functions of statistics; no package of its own
  'lossless-json',
  'openai',
  'papaparse',
  'svelte', // its compiler's packages come along and do not reach the page
  'valibot',
];
/** Packages that Svelte's compiler needs at build time only. */
const ofTheCompiler = [
  '@jridgewell/gen-mapping',
  '@jridgewell/remapping',
  '@jridgewell/resolve-uri',
  '@jridgewell/sourcemap-codec',
  '@jridgewell/trace-mapping',
  '@sveltejs/acorn-typescript',
  '@types/estree',
  '@types/trusted-types',
  'acorn',
  'aria-query',
  'axobject-query',
  'clsx',
  'devalue',
  'esm-env',
  'esrap',
  'is-reference',
  'locate-character',
  'magic-string',
  'zimmerframe',
];

// Without an address, a package comes from the registry that npm is told to use, and the hash decides.
it('X17: every package comes from the registry, over https, with the hash of its content', () => {
  expect(lock.lockfileVersion).toBe(3);
  expect(installed.length).toBeGreaterThan(50);
  const wrong = installed.filter(
    ([, { resolved, integrity = '', link }]) =>
      link === true ||
      !/^https:\/\/registry\.npmjs\.org\/[^?#]+\.tgz$/.test(resolved ?? 'https://registry.npmjs.org/any.tgz') ||
      !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
  );
  expect(wrong.map(([place]) => place)).toEqual([]);
});

it('X17: a package that stands under a name was published under that name', () => {
  const wrong = installed.filter(([place, { resolved, name }]) => {
    if (name !== undefined && name !== nameOf(place)) return true; // an alias
    if (resolved === undefined) return false;
    const path = decodeURIComponent(new URL(resolved).pathname);
    return !path.startsWith(`/${nameOf(place)}/-/`);
  });
  expect(wrong.map(([place, { resolved }]) => `${place} from ${resolved ?? ''}`)).toEqual([]);
});

it('X17: nothing reaches the browser but what is named here', async () => {
  const { dependencies } = (await read('package.json')) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(dependencies)) {
    expect(allowed).toContain(name);
    expect(version, `${name} is held at one version`).toMatch(/^\d+\.\d+\.\d+$/);
  }
  const runtime = installed.filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional);
  const strangers = runtime
    .map(([place]) => nameOf(place))
    .filter((name) => !allowed.includes(name) && !ofTheCompiler.includes(name));
  expect(strangers).toEqual([]);
});

it('X17: no package of the app runs a script when it is installed', () => {
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place));
  // fsevents is for one system only and optional; `npm ci --ignore-scripts` is enough everywhere
  expect(scripted.filter((name) => name !== 'fsevents')).toEqual([]);
});
