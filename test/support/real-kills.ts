import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey } from '#core/id.ts';
import type { Attempt } from '#core/journal.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';
import { readLog } from '#storage/run-log.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Life =
  { readonly killed: true } | { readonly killed: false; readonly status: string; readonly digest: unknown };

/** Runs in processes of their own that can be killed, on files of a folder that goes with them. */
export type Processes = {
  /** A fresh folder for a run. */
  folderFor(spec: RunSpec, dataset: Dataset): Promise<RunFolder>;
  close(): Promise<void>;
};
export type RunFolder = {
  /** `untilKill` resolves when it is time for SIGKILL; without it the run goes on to its end. */
  live(untilKill?: Promise<unknown>): Promise<Life>;
  /** What stands on disk. */
  read(): Promise<{
    readonly entries: readonly JournalEntry[];
    readonly answers: ReadonlyMap<CallKey, Completion>;
    readonly sent: readonly Attempt[];
  }>;
};

/** Bundles the runner once: a process is up in a quarter of a second then. */
export async function startProcesses(): Promise<Processes> {
  const cache = join(root, '.cache', 'kills');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'run-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(root, 'test/support/kill-runner.ts'), outDir: join(folder, 'bundle'), emptyOutDir: true },
  });
  let count = 0;
  return {
    async folderFor(spec, dataset) {
      const own = join(folder, String(++count));
      await mkdir(own);
      const given = join(own, 'given.json');
      await writeFile(given, JSON.stringify({ spec, dataset }));
      return runFolder(join(folder, 'bundle', 'kill-runner.js'), join(own, 'runs'), given);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

const runFolder = (bundle: string, folder: string, given: string): RunFolder => ({
  live(untilKill) {
    const child = spawn(process.execPath, [bundle, folder, given], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    void untilKill?.then(() => child.kill('SIGKILL'));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        if (out.endsWith('\n')) resolve({ killed: false, ...(JSON.parse(out) as { status: string; digest: unknown }) });
        else if (signal === 'SIGKILL') resolve({ killed: true });
        else reject(new Error(`the runner ended with ${code ?? signal ?? ''}: ${errors}`));
      });
    });
  },
  async read() {
    const entries: JournalEntry[] = [];
    const answers = new Map<CallKey, Completion>();
    const sent: Attempt[] = [];
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.ndjson')) continue;
      const bytes = await readFile(join(folder, file));
      sent.push(...sentIn(bytes.toString('utf8')));
      const log = readLog(bytes);
      entries.push(...log.entries);
      for (const { call, completion } of log.answers) if (!answers.has(call)) answers.set(call, completion);
    }
    return { entries, answers, sent };
  },
});

/** Every request that was ever written down: `readLog` tells only of those that are still open. A torn line was never acted upon. */
const sentIn = (log: string): readonly Attempt[] =>
  log.split('\n').flatMap((line) => {
    try {
      return (JSON.parse(line.slice('00000000 '.length)) as { sent?: readonly Attempt[] }).sent ?? [];
    } catch {
      return [];
    }
  });
