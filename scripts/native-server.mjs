// @ts-check
/**
 * llama.cpp's server, built for the processor of this machine. The ready-made one (AVX2) runs on more machines; where the processor has
 * more to give, this one answers in half the time or less. Needs cmake and a C++ compiler, and some minutes, once.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The source package that carries llama.cpp's sources, and its checksum: they are compiled and run. */
const SOURCE = {
  requirement: 'llama_cpp_python==0.3.36',
  folder: 'llama_cpp_python-0.3.36',
  sha256: '832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e',
};
const SETTINGS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_NATIVE=ON',
  '-DBUILD_SHARED_LIBS=OFF',
  ...['LLAMA_CURL', 'LLAMA_OPENSSL', 'LLAMA_BUILD_UI', 'LLAMA_BUILD_TESTS', 'LLAMA_BUILD_EXAMPLES'].map(
    (name) => `-D${name}=OFF`,
  ),
];

/**
 * Builds the server, or finds it built.
 * @param {string} folder  of the models
 * @param {string} python  that has pip
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the program
 * @throws Error whose message says what is missing
 */
export async function ensureNativeServer(folder, python, log) {
  const home = path.join(folder, 'native');
  const program = path.join(home, process.platform === 'win32' ? 'llama-server.exe' : 'llama-server');
  if (await isThere(program)) return program;
  await run('cmake', ['--version']).catch(() => {
    throw new Error('cmake is needed to build the server (Debian, Ubuntu: apt install cmake g++).');
  });
  const work = path.join(home, 'work');
  await fs.rm(work, { recursive: true, force: true });
  await fs.mkdir(work, { recursive: true });
  log(`Fetching the sources of the server (${SOURCE.requirement})`);
  await run(python, [
    ...['-m', 'pip', 'download', '--no-input', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--no-binary', ':all:', '--dest', work, SOURCE.requirement],
  ]);
  const archive = path.join(work, `${SOURCE.folder}.tar.gz`);
  const sha256 = createHash('sha256')
    .update(await fs.readFile(archive))
    .digest('hex');
  if (sha256 !== SOURCE.sha256) throw new Error(`${SOURCE.requirement} has the wrong checksum (${sha256}).`);
  await run('tar', ['-xzf', archive, '-C', work]);
  log('Building the server; this takes some minutes');
  const build = path.join(work, 'build');
  const output = { maxBuffer: 1 << 28 };
  await run('cmake', ['-S', path.join(work, SOURCE.folder, 'vendor', 'llama.cpp'), '-B', build, ...SETTINGS], output);
  await run('cmake', ['--build', build, '--target', 'llama-server', '--config', 'Release', '--parallel', '2'], output);
  // it gets its name once it is whole
  await fs.copyFile(path.join(build, 'bin', path.basename(program)), `${program}.partial`);
  await fs.chmod(`${program}.partial`, 0o755);
  await fs.rename(`${program}.partial`, program);
  await fs.rm(work, { recursive: true, force: true });
  log(`  built: ${program}`);
  return program;
}

/** @param {string} file */
const isThere = (file) =>
  fs.access(file).then(
    () => true,
    () => false,
  );
