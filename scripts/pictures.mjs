// @ts-check
// Takes the pictures of the README from the built app with the recorded run: `npm run pictures`.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { launchOptions } from './chrome.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../.cache/pictures/', import.meta.url));
const pictures = fileURLToPath(new URL('../docs/images/', import.meta.url));

await build({ root, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
const host = await preview({ root, logLevel: 'warn', build: { outDir: folder }, preview: { port: 0, open: false } });
const browser = await chromium.launch(launchOptions());
try {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.goto(host.resolvedUrls?.local[0] ?? '');
  await page.getByRole('button', { name: 'Open a recorded run' }).click();
  await page.getByRole('heading', { name: /^(Better|Worse|No better|Cannot tell): / }).waitFor();
  await settle(page);
  await page.screenshot({ path: `${pictures}result.png` });
  await page.getByRole('tab', { name: /^Curve/ }).click();
  await page.locator('canvas').first().waitFor();
  await settle(page);
  await page.screenshot({ path: `${pictures}curve.png`, fullPage: true });
} finally {
  await browser.close();
  await host.close();
}

/** Until nothing is loaded any more, and what was drawn is on the screen. @param {import('playwright').Page} page */
async function settle(page) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
  });
}
