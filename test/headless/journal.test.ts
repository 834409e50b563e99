import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { optimize, startOptimize, withFiles } from '../support/command-line.ts';
import { madeFile, sizes, startingPrompts, startKnowingServer } from '../support/made-set.ts';

const concurrency = 3;
const files = { 'rows.csv': madeFile.text, 'prompts.txt': startingPrompts.join('\n---\n') };
const small = [
  ...Object.entries(sizes).flatMap(([part, rows]) => [`--${part}`, String(rows)]),
  ...['--optimizer', 'contrastive'],
  ...['--set', 'rounds=2', '--set', 'proposals=1', '--concurrency', String(concurrency), '--model', 'test-model'],
];

it.each([
  ['killed', ['SIGKILL'], null],
  ['interrupted by hand', ['SIGINT'], 130],
  ['interrupted by hand under npm, which passes it on', ['SIGINT', 'SIGINT'], 130],
  ['ended by its job', ['SIGTERM'], 130],
] as const)(
  'a run that is %s goes on with the same command, and pays for nothing twice but what was under way',
  async (_, signals, code) => {
    const server = await startKnowingServer({ latencyMs: 60 });
    try {
      await withFiles(files, async (path) => {
        const words = [
          ...['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--base-url', server.baseUrl, ...small],
          ...['--journal', path('runs'), '--json', path('best.json')],
        ];
        const { child, ended } = startOptimize(words);
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(12), { timeout: 40_000, interval: 10 });
        for (const signal of signals) child.kill(signal);
        expect(await ended).toMatchObject({ code });
        if (code === 130) JSON.parse(await readFile(path('best.json'), 'utf8'));
        const before = server.completions.length;
        server.set({ latencyMs: 0 });

        const again = await optimize(words);
        expect(again, again.err).toMatchObject({ code: 0 });
        expect(again.err).toMatch(/Goes on with the run .*, \d+ calls so far/);
        const asks = server.completions.map(({ body }) => JSON.stringify(body));
        expect(asks.length).toBeGreaterThan(before);
        // as many on their way, and as many again that came in the last moment and were about to be written
        expect(asks.length - new Set(asks).size, 'asked twice').toBeLessThanOrEqual(2 * concurrency);
      });
    } finally {
      await server.close();
    }
  },
);

it('a run that is interrupted and not kept prints the best prompt so far, and is not taken for one that is done', async () => {
  const server = await startKnowingServer({ latencyMs: 60 });
  try {
    await withFiles(files, async (path) => {
      const words = ['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--base-url', server.baseUrl];
      const { child, ended } = startOptimize([...words, ...small]);
      await vi.waitFor(() => expect(server.finished).toBeGreaterThan(12), { timeout: 40_000, interval: 10 });
      for (const signal of ['SIGINT', 'SIGINT'] as const) child.kill(signal);
      const { code, out, err } = await ended;
      expect(code, err).toBe(130);
      expect(out).toContain('Best prompt so far:');
      expect(err).toMatch(/Interrupted after \d+ calls\. The same command begins anew/);
    });
  } finally {
    await server.close();
  }
});

it('shows answers that cannot be read with the option that reads them, and goes on', async () => {
  const server = await startKnowingServer({
    answer: ({ messages }) =>
      Promise.resolve({
        text: messages.some(({ content }) => content.includes('<prompt>'))
          ? '<prompt>Say which label fits.</prompt>'
          : '{"thought": "praise, complaint or question", "verdict": "praise"}',
      }),
  });
  try {
    await withFiles(files, async (path) => {
      const words = [
        '--data',
        path('rows.csv'),
        '--prompts',
        path('prompts.txt'),
        '--base-url',
        server.baseUrl,
        ...small,
      ];
      const { code, err } = await optimize(words);
      expect(code, err).toBe(0);
      expect(err).toContain('The run waits: Many answers cannot be read');
      expect(err).toContain('run it again with --read-json "verdict"');
      const read = await optimize([...words, '--read-json', 'verdict']);
      expect(read.code, read.err).toBe(0);
      expect(read.err).not.toContain('cannot be read');
    });
  } finally {
    await server.close();
  }
});

it('says what a run waits for in words, and how it goes on', async () => {
  const server = await startKnowingServer({ key: 'right' });
  try {
    await withFiles(files, async (path) => {
      const words = [
        '--data',
        path('rows.csv'),
        '--prompts',
        path('prompts.txt'),
        '--base-url',
        server.baseUrl,
        ...small,
      ];
      const { code, err } = await optimize([...words, '--journal', path('runs')], { APG_API_KEY: 'wrong' });
      expect(code).toBe(1);
      expect(err).toContain('The key was refused');
      expect(err).not.toMatch(/provider-unauthorized|run-stalled/);
      const again = await optimize([...words, '--journal', path('runs')], { APG_API_KEY: 'right' });
      expect(again, again.err).toMatchObject({ code: 0 });
    });
  } finally {
    await server.close();
  }
});

it('leaves the prompts alone that it began with, where it breaks off before any was tried', async () => {
  const server = await startKnowingServer({ key: 'right' });
  try {
    await withFiles({ ...files, 'best.json': '["One prompt.", "Another."]' }, async (path) => {
      const words = ['--data', path('rows.csv'), '--base-url', server.baseUrl, ...small];
      const own = ['--prompts', path('best.json'), '--json', path('best.json')];
      const { code, err } = await optimize([...words, ...own], { APG_API_KEY: 'wrong' });
      expect(code, err).toBe(1);
      expect(err).toContain('best.json was left as it is');
      expect(await readFile(path('best.json'), 'utf8')).toBe('["One prompt.", "Another."]');
    });
  } finally {
    await server.close();
  }
});

it('prints the best prompt so far where a run cannot go on, and says whether the same command could', async () => {
  const error = { message: 'You exceeded your quota.', code: 'insufficient_quota' };
  const server = await startKnowingServer({
    fault: ({ n }) => (n > 16 ? { status: 429, body: { error } } : undefined),
  });
  try {
    await withFiles(files, async (path) => {
      const words = ['--data', path('rows.csv'), '--prompts', path('prompts.txt'), '--base-url', server.baseUrl];
      const lost = await optimize([...words, ...small]);
      expect(lost.code, lost.err).toBe(1);
      expect(lost.out).toMatch(/Best prompt so far:\n\S/);
      expect(lost.out).toContain('The sealed test rows were not opened.');
      expect(lost.err).toContain('The credit is used up.');
      expect(lost.err).toContain('The same command begins anew; with --journal DIR it would go on.');
      server.reset();
      const kept = await optimize([...words, ...small, '--journal', path('runs')]);
      expect(kept.code, kept.err).toBe(1);
      expect(kept.out).toContain('Best prompt so far:');
      expect(kept.err).toContain('The same command goes on with the run.');
      for (const { err } of [lost, kept]) expect(err).not.toMatch(/Resume|Nothing is lost/);
    });
  } finally {
    await server.close();
  }
});
