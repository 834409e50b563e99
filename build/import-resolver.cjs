// Tells the layer rule where an import leads: `#layer/file.ts` is src/layer/file.ts (package.json "imports"), which the plug-in's own
// resolver does not know.
const { existsSync } = require('node:fs');
const { builtinModules, createRequire } = require('node:module');
const { dirname, resolve } = require('node:path');

const source = resolve(__dirname, '../src');

exports.interfaceVersion = 2;
/** @param {string} name @param {string} file @returns {{ found: boolean, path?: string | null }} */
exports.resolve = (name, file) => {
  if (builtinModules.includes(name.replace(/^node:/, ''))) return { found: true, path: null };
  const local = name.startsWith('#')
    ? resolve(source, name.slice(1))
    : name.startsWith('.')
      ? resolve(dirname(file), name)
      : undefined;
  if (local !== undefined) {
    const path = local.replace(/\?.*$/, '');
    return existsSync(path) ? { found: true, path } : { found: false };
  }
  try {
    return { found: true, path: createRequire(file).resolve(name) };
  } catch {
    return { found: false };
  }
};
