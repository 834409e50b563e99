// @ts-check
// Runs the headless runner from its TypeScript sources: `npm run optimize -- --help`.
import process from 'node:process';
import { runnerImport } from 'vite';

const { module } = await runnerImport('/src/headless/main.ts', { logLevel: 'error', configFile: false });
process.exitCode = await module.main(process.argv.slice(2));
