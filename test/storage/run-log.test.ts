import { crc32 as zlibSum } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '#lib/random.ts';
import { callKey, runId } from '#core/id.ts';
import type { RunEvent } from '#core/run.ts';
import { crc32 } from '#storage/crc32.ts';
import { endOfLog, printLine, readLog, type LogLine } from '#storage/run-log.ts';
import { randomEvent } from './random-events.ts';
import { attemptOf, completionOf, datasetOf, entriesOf, headOfRun, writeOf } from './samples.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const head: LogLine = { type: 'head', version: 1, run: headOfRun(run, 1), dataset: datasetOf('one', 3, 1) };
const texts = [
  '',
  'plain',
  '\n',
  '\r\n',
  '\u2028',
  '\ud800',
  'a\udc00b',
  '\0',
  '\0\0',
  '-0',
  '"\0"',
  '👩‍👩‍👧',
  '\ufeff',
  '{"type":"head"}',
];

/** JSON has no infinity. */
const finite = (event: RunEvent): RunEvent =>
  JSON.parse(
    JSON.stringify(event, (_, value: unknown) => (value === Infinity || value === -Infinity ? 1e9 : value)),
  ) as RunEvent;

/** Any sequence of writes that a journal would take. */
function randomLines(random: Random, count: number): readonly LogLine[] {
  let next = 0;
  let request = 0;
  const writes = Array.from({ length: count }, (): LogLine => {
    const entries = entriesOf(run, next, random.integer(4)).map((entry) => ({
      ...entry,
      at: random.pick([random.next() * 1e13, -0, 0, 1e-300]),
      event: entry.seq === 0 ? entry.event : finite(randomEvent(random)),
    }));
    const answers = Array.from({ length: random.integer(3) }, () => ({
      call: callKey('test', { n: random.integer(1000) }),
      completion: completionOf(random.pick(texts) + random.pick(texts)),
    }));
    const sent = Array.from({ length: random.integer(3) }, () => attemptOf(`${random.pick(texts)}${request++}`));
    const line = { type: 'write' as const, next, entries, answers, sent, settled: [] };
    next += entries.length;
    return line;
  });
  return [head, ...writes];
}

const join = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
const writesOf = (lines: readonly LogLine[]) => lines.flatMap((line) => (line.type === 'write' ? [line] : []));
const clean = { damaged: [], torn: false, unconnected: 0 };

describe('the log of a run', () => {
  it('has the usual check sum', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    for (const text of texts) expect(crc32(Buffer.from(text))).toBe(zlibSum(Buffer.from(text)));
  });

  it('M09 gives back what was written', () => {
    for (let seed = 0; seed < 50; seed++) {
      const lines = randomLines(createRandom(seed), 20);
      const writes = writesOf(lines);
      expect(readLog(join(lines.map(printLine)))).toEqual({
        head,
        entries: writes.flatMap(({ entries }) => entries),
        answers: writes.flatMap(({ answers }) => answers),
        open: writes.flatMap(({ sent }) => sent),
        ...clean,
      });
    }
  });

  it('can be read however much of it reached the disk', () => {
    const lines = randomLines(createRandom(1), 6);
    const bytes = join(lines.map(printLine));
    const ends = lines.map((_, index) => join(lines.slice(0, index + 1).map(printLine)).length);
    for (let length = 0; length <= bytes.length; length++) {
      const whole = lines.filter((_, index) => (ends[index] ?? 0) - 1 <= length); // a line without its end is a line
      const read = readLog(bytes.subarray(0, length));
      const entries = writesOf(whole).flatMap((line) => line.entries);
      expect(read.entries).toEqual(entries);
      expect({ ...read, entries: [] }).toMatchObject({ damaged: [], unconnected: 0 });
      const last = writesOf(whole).at(-1);
      expect(endOfLog(bytes.subarray(0, length))).toBe(last && last.next + last.entries.length);
    }
  });

  it('goes on behind a line that was cut off', () => {
    const [first, second, third] = [0, 1, 2].map((n) => printLine({ type: 'write', ...writeOf(entriesOf(run, n, 1)) }));
    const torn = (second as Uint8Array).subarray(0, 40);
    const bytes = join([printLine(head), first, torn, Uint8Array.of(10), second, third] as Uint8Array[]);
    expect(readLog(bytes)).toMatchObject({ entries: entriesOf(run, 0, 3), damaged: [3], torn: false, unconnected: 0 });
  });

  it('says which lines are damaged, whichever bit it was, and keeps all answers around them', () => {
    const lines: readonly LogLine[] = [0, 1, 2].map((n) => ({
      type: 'write',
      ...writeOf(entriesOf(run, n, 1), [{ call: callKey('test', { n }), completion: completionOf(String(n)) }]),
    }));
    const parts = [head, ...lines].map(printLine);
    const start = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0);
    const length = (parts[2]?.length ?? 0) - 1;
    for (let at = start; at < start + length; at++) {
      const bytes = join(parts);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const read = readLog(bytes);
      expect(read.entries).toEqual(entriesOf(run, 0, 1));
      expect(read.answers.map(({ completion }) => completion.text)).toEqual(['0', '2']);
      expect(read.unconnected).toBe(1);
      expect(read.damaged[0]).toBe(3);
    }
  });

  it('tells a run that was gone on with after its journal had lost its end, by what happened last', () => {
    const before = entriesOf(run, 0, 6);
    const after = entriesOf(run, 3, 2).map((entry) => ({ ...entry, at: 5 }));
    const lines = [writeOf(before), writeOf(after)].map((write) => printLine({ type: 'write', ...write }));
    expect(readLog(join(lines)).entries).toEqual([...before.slice(0, 3), ...after]);
  });

  it('loses nothing to a line that a replaced driver brings late, whose entries stand there already', () => {
    const all = entriesOf(run, 0, 12);
    const late = writeOf(all.slice(2, 4));
    const note = { ...late, entries: [], sent: [attemptOf('2.1')] };
    const lines = [writeOf(all.slice(0, 2)), late, writeOf(all.slice(4, 8)), late, note, writeOf(all.slice(8))];
    const read = readLog(join(lines.map((write) => printLine({ type: 'write', ...write }))));
    expect(read.entries).toEqual(all);
    expect(read).toMatchObject({ ...clean, open: [attemptOf('2.1')] });
  });

  it('never throws on garbage', () => {
    const random = createRandom('garbage');
    const real = join(randomLines(random, 10).map(printLine));
    for (let n = 0; n < 500; n++) {
      const bytes = real.slice(0, random.integer(real.length));
      for (let hits = random.integer(40); hits >= 0; hits--) bytes[random.integer(bytes.length)] = random.integer(256);
      const { entries } = readLog(bytes);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index));
      endOfLog(bytes);
    }
    const checked = (json: string): Uint8Array =>
      Buffer.from(`${crc32(Buffer.from(json)).toString(16).padStart(8, '0')} ${json}\n`);
    for (const json of [
      'null',
      '1',
      '[]',
      '{}',
      '{"type":"write"}',
      '{"type":"head","version":2}',
      '{"type":"later"}',
      '',
    ])
      expect(readLog(checked(json))).toMatchObject({ head: undefined, entries: [], damaged: [1] });
  });
});
