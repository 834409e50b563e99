import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
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

/** Said before the run starts: a result that has nowhere to go would have been paid for in vain. @throws UsageError */
export async function checkWritable(path: string, argument: string): Promise<void> {
  const target = resolve(path);
  const isThere = await stat(target).catch(() => undefined);
  try {
    if (isThere?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    await access(isThere ? target : dirname(target), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--${argument}: ${path} cannot be written (${reason(error)}).`);
  }
}

export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written (${reason(error)}).`);
  }
}

const reason = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES') return 'no permission';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
};
