import { parseArgs } from 'node:util';
import { readFile } from 'node:fs/promises';
import { startFaultServer, type FaultServer } from './server.ts';
import type { FaultServerOptions, Rule } from './types.ts';

/** The fault server in a person's hands: so that one can watch the app in a storm. */

const usage = `A server that speaks OpenAI's format, answers with a simulated model, and misbehaves as it is told.

  npm run faultserver -- [--port 8200] [--rpm 600] [--errors 0.05] [options]

  --port N          where it listens on 127.0.0.1 (default 8200)
  --h2              HTTP/2 over TLS, with a certificate that nobody trusts
  --seed N          of all chance (default 1)
  --latency MS      median time of an answer (default 300; log-normal with sigma 0.5)

Limits of each key
  --rpm N, --burst N, --tpm N, --concurrent N
  --hide-hints      no Retry-After and no “try again in …”

Faults, each a share of the completions from 0 to 1
  --errors P        500, 502, 503 and 529 in turn
  --resets P        the connection is reset before an answer
  --lost P          the answer is made and billed, and the connection is reset
  --cut P           the body ends in the middle
  --hang P          no answer at all, ever
  --nonsense P      a web page with status 200
  --rules FILE      more rules, as JSON: [{"name", "when", "p", "times", "every", "fault", "latency"}]

  --key KEY         the only key that is taken (default: any)
  --quota N         completions until that key is out of money
  --model NAME      the name of the model (default test-model)
  --no-cors         no page may read anything

While it runs: curl -X POST http://127.0.0.1:8200/__ctl/drop  (also: stop, pause, reset; rules and config with JSON;
GET summary, ledger).
`;

/** @returns the exit code, when the person has had enough. */
export async function main(words: readonly string[]): Promise<number> {
  let given;
  try {
    given = await optionsFrom(words);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee: npm run faultserver -- --help`);
    return 2;
  }
  if (given === 'help') {
    console.log(usage);
    return 0;
  }
  const server = await startFaultServer(given).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
  });
  if (!server) return 1;
  console.log(`Address of the API: ${server.baseUrl}   (model ${server.config.models[0]?.id ?? ''})`);
  console.log(`What it does: ${deeds(given)}`);
  const line = setInterval(() => show(server), 500);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  clearInterval(line);
  await server.close();
  console.log(`\n${JSON.stringify(server.summary(), null, 2)}`);
  return 0;
}

/** @throws Error with the argument and what was wrong with it. */
async function optionsFrom(words: readonly string[]): Promise<FaultServerOptions | 'help'> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      port: text,
      h2: flag,
      seed: text,
      latency: text,
      rpm: text,
      burst: text,
      tpm: text,
      concurrent: text,
      'hide-hints': flag,
      errors: text,
      resets: text,
      lost: text,
      cut: text,
      hang: text,
      nonsense: text,
      rules: text,
      quota: text,
      key: text,
      model: text,
      'no-cors': flag,
      help: flag,
    },
  });
  if (values.help) return 'help';
  const number = (name: Exclude<keyof typeof values, 'h2' | 'hide-hints' | 'no-cors' | 'help'>): number | undefined => {
    const word = values[name];
    if (word === undefined) return undefined;
    const value = Number(word);
    if (word.trim() === '' || !(value >= 0)) throw new Error(`--${name}: a number is wanted, not “${word}”.`);
    return value;
  };
  const limits = Object.entries({
    rpm: number('rpm'),
    rpmBurst: number('burst'),
    tpm: number('tpm'),
    concurrent: number('concurrent'),
  }).filter(([, value]) => value !== undefined);
  const share = (
    name: 'errors' | 'resets' | 'lost' | 'cut' | 'hang' | 'nonsense',
    parts: readonly Rule[],
  ): readonly Rule[] => {
    const p = number(name);
    if (p !== undefined && p > 1) throw new Error(`--${name}: a share from 0 to 1 is wanted, not ${p}.`);
    return p === undefined
      ? []
      : parts.map((rule) => ({ ...rule, when: { path: '/chat/completions' }, p: p / parts.length }));
  };
  const quota = number('quota');
  const key = values.key;
  if (quota !== undefined && key === undefined) throw new Error('--quota: name the key that it is about with --key.');
  return {
    port: number('port') ?? 8200,
    protocol: values.h2 ? 'h2' : 'h1',
    seed: number('seed') ?? 1,
    latency: { type: 'lognormal', medianMs: number('latency') ?? 300, sigma: 0.5, maxMs: 60_000 },
    limits: {
      ...Object.fromEntries(limits),
      ...(values['hide-hints'] ? { sendRetryAfter: false, sendHeaders: false, bodyHint: false } : {}),
    },
    models: [{ id: values.model ?? 'test-model' }],
    ...(key === undefined ? {} : { keys: { [key]: quota === undefined ? {} : { quota } } }),
    ...(values['no-cors'] ? { cors: { origin: null, allowHeaders: '', expose: [], missingOnStatus: [] } } : {}),
    rules: [
      ...(values.rules === undefined ? [] : (JSON.parse(await readFile(values.rules, 'utf8')) as readonly Rule[])),
      ...share(
        'errors',
        [500, 502, 503, 529].map((status) => ({ name: String(status), fault: { type: 'status', status } })),
      ),
      ...share('resets', [{ name: 'reset', fault: { type: 'rst-before' } }]),
      ...share('lost', [{ name: 'lost', fault: { type: 'rst-after-generation' } }]),
      ...share('cut', [{ name: 'cut', fault: { type: 'truncate' } }]),
      ...share('hang', [{ name: 'hang', fault: { type: 'hang' } }]),
      ...share('nonsense', [
        { name: 'nonsense', fault: { type: 'raw', body: '<h1>Hello</h1>', contentType: 'text/html' } },
      ]),
    ],
  };
}

function deeds({ limits = {}, rules = [], latency }: FaultServerOptions): string {
  const parts = [
    ...(latency?.type === 'lognormal' ? [`answers after about ${latency.medianMs} ms`] : []),
    ...Object.entries(limits).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
    ...rules.map(({ name, p }) => `${name}${p === undefined ? '' : ` ${(100 * p).toFixed(1)} %`}`),
  ];
  return parts.join(', ');
}

function show(server: FaultServer): void {
  const { calls, billed, extraPaid, byStatus, mostUnderWay, most } = server.summary();
  const statuses = Object.entries(byStatus)
    .map(([status, times]) => `${status} ×${times}`)
    .join('  ');
  const line = `${calls} calls, ${billed} billed (${extraPaid} more than once), most ${most.perMinute}/min and ${mostUnderWay} at a time | ${statuses}`;
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : '');
}
