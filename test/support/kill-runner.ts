import { readFile } from 'node:fs/promises';
import { createRandom } from '#lib/random.ts';
import { systemClock } from '#lib/clock.ts';
import type { Dataset } from '#core/example.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { fileStorage } from '#storage/file-storage.ts';
import { createSessionTools } from '../../src/compose.ts';
import { digest } from './drive.ts';

/**
 * One life of a run on files, to be killed: takes up the run of the folder, or begins it, and writes what it came to as one line to
 * standard output when it has ended. Arguments: the folder, and a file with the spec and the data set.
 */
const [folder = '', given = ''] = process.argv.slice(2);
const { spec, dataset } = JSON.parse(await readFile(given, 'utf8')) as { spec: RunSpec; dataset: Dataset };
const storage = await fileStorage(folder);
await storage.putDataset(dataset);
const traffic = new Traffic({ clock: systemClock, random: createRandom(spec.seed) });
const session = new RunSession(
  spec.id,
  createSessionTools(storage, () => ({ apiKey: 'sk-killed-0001' }), traffic),
);
if (!storage.runs.includes(spec.id)) await session.begin(spec);
await session.drive();
process.stdout.write(
  `${JSON.stringify({ status: session.state.status, stall: session.state.stall, digest: digest(session.state) })}\n`,
);
await storage.close();
