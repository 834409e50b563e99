import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checkValues } from '#core/fields.ts';
import { isAppError } from '#core/error.ts';
import { readRunBundle } from '#exporters/index.ts';
import { readFile as readTable } from '#importers/index.ts';
import { asRecord, factsFrom } from '#providers/openai/refusal.ts';

const poison = '{"__proto__":{"x":1,"polluted":1},"constructor":{"prototype":{"x":1,"polluted":1}}}';

/** Nothing that every object inherits has been added. */
function expectClean(): void {
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(([] as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
}
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/files/hostile/${name}`, import.meta.url));

it('X08: files whose keys and columns are called like parts of every object change no object', async () => {
  for (const name of ['28_proto_keys.json', '29_proto_headers.csv']) {
    const blob = new Blob([await readFile(fixture(name))]);
    await readTable({ name, blob }, {}, () => undefined, new AbortController().signal);
    expectClean();
  }
  const made: Readonly<Record<string, string>> = {
    'a.json': `[${poison},{"question":"1+1?","answer":"2","__proto__.x":"y","constructor.prototype.x":"z"}]`,
    'b.jsonl': `${poison}\n{"question":"1+1?","answer":"2"}\n`,
    'c.csv': '__proto__.x,constructor.prototype.x,question,answer\n1,1,q,a\n2,2,r,b\n',
    'd.json': `{"data":${`{"__proto__":`.repeat(50)}{"x":1}${'}'.repeat(50)},"rows":[{"q":"a","a":"b"}]}`,
  };
  for (const [name, text] of Object.entries(made)) {
    await readTable({ name, blob: new Blob([text]) }, {}, () => undefined, new AbortController().signal).catch(
      (error: unknown) => {
        if (!isAppError(error)) throw error;
      },
    );
    expectClean();
  }
});

it('X08: a run file, options and answers of a server change no object', () => {
  for (const text of [
    poison,
    `{"format":"automated-prompt-generator/run","version":1,"dataset":${poison},"entries":[${poison}]}`,
  ])
    expect(() => readRunBundle(text, 'run.json')).toThrow();
  expectClean();
  checkValues({}, JSON.parse(poison) as Record<string, unknown>);
  factsFrom(poison);
  factsFrom(`{"error":${poison}}`);
  asRecord(JSON.parse(poison));
  expectClean();
});
