import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '#lib/random.ts';
import { isAppError } from '#core/error.ts';
import { readRunBundle } from '#exporters/index.ts';
import { inRepository, read } from './files.ts';

/** `FUZZ=100000 npx vitest run --project unit test/importers/fuzz.test.ts` tries as many. */
const mutations = Number(process.env['FUZZ'] ?? 600);

const folders = ['test/fixtures/files/own/', 'test/fixtures/files/hostile/'].map(inRepository);
const seeds = folders
  .flatMap((folder) => readdirSync(folder).map((name) => ({ name, path: folder + name })))
  .filter(({ name }) => /\.(csv|tsv|json|jsonl|txt)$/.test(name))
  .map(({ name, path }) => ({ name, bytes: new Uint8Array(readFileSync(path)) }))
  .filter(({ bytes }) => bytes.length < 100_000);

const spice = [
  '"',
  ',',
  '\n',
  '\r',
  '\0',
  '{',
  '}',
  '[',
  ']',
  '\\',
  '__proto__',
  'constructor',
  '\ufeff',
  '\ud800',
  '=1+1',
];

function mutate({ bytes }: { readonly bytes: Uint8Array }, random: Random): Uint8Array {
  let out = [...bytes];
  const times = 1 + random.integer(6);
  for (let n = 0; n < times; n++) {
    const at = random.integer(out.length + 1);
    const length = random.integer(40);
    switch (random.integer(6)) {
      case 0:
        out[at] = random.integer(256);
        break;
      case 1:
        out.splice(at, length);
        break;
      case 2:
        out.splice(at, 0, ...new TextEncoder().encode(random.pick(spice)));
        break;
      case 3:
        out = [...out.slice(0, at), ...out.slice(Math.max(0, at - length), at), ...out.slice(at)];
        break;
      case 4:
        out = out.slice(0, at);
        break;
      default:
        out.splice(at, 0, ...Array.from({ length }, () => random.integer(256)));
    }
  }
  return Uint8Array.from(out);
}

describe('files that were damaged at random', () => {
  it('P17, D03, X08 are read, or refused with an error that has a name; nothing else ever happens', async () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype).sort().join();
    const random = createRandom('damaged files');
    for (let n = 0; n < mutations; n++) {
      const seed = random.pick(seeds);
      const bytes = mutate(seed, random.fork(`file ${n}`));
      try {
        const { columns, rows } = await read(seed.name, bytes);
        for (const row of rows) expect(row.length, `${seed.name}, mutation ${n}`).toBe(columns.length);
      } catch (error) {
        if (!isAppError(error)) throw new Error(`${seed.name}, mutation ${n}`, { cause: error });
        expect(error.code, `${seed.name}, mutation ${n}`).toMatch(/^import-/);
      }
    }
    expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(prototype);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('P17 run files too', () => {
    const source = readFileSync(inRepository('public/samples/recorded-run.json'));
    const random = createRandom('damaged runs');
    const small = { bytes: new Uint8Array(source.subarray(0, 4000)) };
    for (let n = 0; n < mutations / 10; n++) {
      const text = new TextDecoder().decode(mutate(small, random.fork(`run ${n}`)));
      try {
        readRunBundle(text, 'run.json');
      } catch (error) {
        if (!isAppError(error)) throw new Error(`mutation ${n}`, { cause: error });
      }
    }
  });
});
