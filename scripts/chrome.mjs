// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { chromium } from 'playwright';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];

/** @returns {string[]} */
function fixedPlaces() {
  if (process.platform === 'darwin')
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((n) => `/Applications/${n}.app/Contents/MacOS/${n}`);
  if (process.platform === 'win32')
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .map((k) => process.env[k])
      .flatMap((d) =>
        d ? [`${d}\\Google\\Chrome\\Application\\chrome.exe`, `${d}\\Microsoft\\Edge\\Application\\msedge.exe`] : [],
      );
  return [];
}

/** @param {string} name @returns {string | undefined} */
function onPath(name) {
  try {
    const out = execFileSync(process.platform === 'win32' ? 'where' : 'which', [name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.split(/\r?\n/)[0] || undefined;
  } catch {
    return undefined;
  }
}

/** CHROME_PATH, else an installed Chrome, Chromium or Edge, else playwright's own download.
 * @returns {string | undefined} */
export function findChrome() {
  const env = process.env['CHROME_PATH'];
  if (env) {
    if (!existsSync(env)) throw new Error(`CHROME_PATH=${env} does not exist`);
    return env;
  }
  for (const p of fixedPlaces()) if (existsSync(p)) return p;
  for (const n of NAMES) {
    const p = onPath(n);
    if (p) return p;
  }
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : undefined;
}

/** @returns {{ executablePath: string, headless: true, args: string[] }} */
export function launchOptions() {
  const executablePath = findChrome();
  if (!executablePath)
    throw new Error(
      'No Chrome, Chromium or Edge found: set CHROME_PATH, install one (Debian: apt-get install -y chromium), or run: npx playwright install --with-deps chromium',
    );
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  if (process.getuid?.() === 0 || process.env['CI']) args.push('--no-sandbox');
  return { executablePath, headless: true, args };
}
