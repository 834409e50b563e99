import type { ExportSource } from '#core/export.ts';
import type { RunSpec } from '#core/run.ts';
import { reportOf } from '#engine/report.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

/** A finished run on the simulated model, as the exporters get it. */
export async function madeRun(over: Partial<RunSpec> = {}): Promise<ExportSource> {
  const dataset = makeDataset(24);
  const machine = new Machine(dataset);
  const report = reportOf(await machine.run(makeSpec(dataset, { ...over, values: { rounds: 2 } })));
  if (!report) throw new Error('a run has a report');
  return {
    report,
    dataset,
    entries: machine.written.flatMap(({ entries }) => entries),
    simulated: (provider) => provider === 'simulated',
  };
}

/** The same run as if it had been made at an address with secrets in it. */
export function atSecretAddress(source: ExportSource, canary: string): ExportSource {
  const baseUrl = `https://user:${canary}@api.example/v1?key=${canary}#${canary}`;
  const model = { provider: 'openai-compatible', values: { baseUrl, model: 'some-model' } };
  const models = { evaluation: model, generator: model };
  const spec = { ...source.report.spec, models };
  return {
    ...source,
    report: { ...source.report, spec },
    entries: [
      ...source.entries.map((entry) =>
        entry.event.type === 'run-started' ? { ...entry, event: { ...entry.event, spec } } : entry,
      ),
      {
        seq: source.entries.length,
        at: 1,
        event: { type: 'run-stalled', error: { code: 'provider-unreachable', details: { url: baseUrl } } },
      },
    ],
  };
}
