import { access, constants, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './arguments.ts';

/** @throws UsageError naming the file and what kept it from being read. */
export async function readBytes(path: string, argument: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new UsageError(`--${argument}: ${path} cannot be read (${reason(error)}).`);
  }
}

export const readText = async (path: string, argument: string): Promise<string> =>
  new TextDecoder().decode(await readBytes(path, argument));

/** Said before the run starts, and before anything is read: a folder that is there, or can be made. @throws UsageError */
export async function checkFolder(path: string, argument: string): Promise<void> {
  try {
    await access(await nearestFolder(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--${argument}: ${path} cannot be used (${reason(error)}).`);
  }
}

/** The folder itself, or the one in which it would be made. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return undefined;
  });
  if (!found) return nearestFolder(dirname(path));
  if (!found.isDirectory()) throw because('EEXIST');
  return path;
}

/** What goes out, by the option that names it, and what comes in: none of these may be the same file. */
type Outputs = { readonly json: string | undefined; readonly run: string | undefined };
type Others = Readonly<Record<string, string | undefined>>;

/** Said before the run starts: a result that has nowhere to go would have been paid for in vain. @throws UsageError */
export async function checkOutputs({ json, run }: Outputs, others: Others): Promise<void> {
  const named: { readonly name: string; readonly path: string; readonly target: string }[] = [];
  for (const [name, path] of Object.entries({ json, run, ...others }))
    if (path !== undefined) named.push({ name, path, target: await targetOf(path) });
  for (const { name, path, target } of named.filter(({ name }) => name === 'json' || name === 'run')) {
    await checkWritable(path, target, name);
    for (const other of named) {
      // best prompts can be prompts to start from: they are read before they are written
      const isMeant = name === 'json' && other.name === 'prompts' && path.endsWith('.json');
      if (other.name !== name && other.target === target && !isMeant)
        throw new UsageError(`--${name}: ${path} is the file of --${other.name} too.`);
    }
  }
}

async function checkWritable(path: string, target: string, argument: string): Promise<void> {
  const isThere = await stat(target).catch(() => undefined);
  try {
    if (isThere?.isDirectory()) throw because('EISDIR');
    if (isThere) await access(target, constants.W_OK);
    if (isThere && !isThere.isFile()) return;
    if (!(await stat(dirname(target))).isDirectory()) throw because('ENOTDIR');
    await access(dirname(target), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--${argument}: ${path} cannot be written (${reason(error)}).`);
  }
}

/**
 * Written beside and put in its place when all of it is there: what stood there before stays whole until then.
 * @returns what kept it from being written, in a sentence
 */
export async function writeText(path: string, text: string): Promise<string | undefined> {
  const target = await targetOf(path);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    const isThere = await stat(target).catch(() => undefined);
    // a pipe or a device is nothing that another file may take the place of
    if (isThere && !isThere.isFile()) await writeFile(target, text);
    else {
      await writeFile(beside, text, { flush: true, ...(isThere ? { mode: isThere.mode } : {}) });
      await rename(beside, target).catch(async (error: unknown) => {
        // what is mounted by itself, or open in another program, cannot be replaced: better in place than lost
        if (!isThere) throw error;
        await writeFile(target, text, { flush: true });
        await rm(beside, { force: true });
      });
    }
    return undefined;
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    return `${path} cannot be written (${reason(error)}).`;
  }
}

/** The file itself, where the path is a link to it. */
const targetOf = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is a file where its folder should be',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  EEXIST: 'it is a file',
  ENOSPC: 'there is no room left',
  EDQUOT: 'there is no room left',
};

const because = (code: string): Error => Object.assign(new Error(code), { code });

const reason = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? (error instanceof Error ? error.message : String(error));
};
