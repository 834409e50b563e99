import process from 'node:process';
import { expect, it } from 'vitest';
import { liveThrough } from '../support/lived-run.ts';

/** Parts of the browser die in the middle of a run, one after the other; nothing that was paid for is lost or asked for again. */

it('B03 a crashed tab: the run is taken up in another one', () =>
  liveThrough(async (run) => {
    await run.midway();
    const session = await run.tools();
    const crashed = run.page.waitForEvent('crash');
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
    await run.takeUp();
    await run.finish();
  }));

it('B04 a killed renderer: the run is taken up in another tab', () =>
  liveThrough(async (run) => {
    await run.midway();
    const crashed = run.page.waitForEvent('crash');
    for (const id of await run.processes('renderer')) process.kill(id, 'SIGKILL');
    await crashed;
    await run.takeUp();
    await run.finish();
  }));

it('B06 a killed storage service: the run goes on, and everything is there after a reload', () =>
  liveThrough(async (run) => {
    await run.midway();
    const services = await run.processes('storage.mojom.StorageService');
    expect(services).toHaveLength(1);
    for (const id of services) process.kill(id, 'SIGKILL');
    await run.app.untilState('Finished');
    await run.page.reload();
    await run.finish();
  }));

it('B07 a killed network service: what was under way is asked again, and the run goes on by itself', () =>
  liveThrough(async (run) => {
    await run.midway();
    const services = await run.processes('network.mojom.NetworkService');
    expect(services).toHaveLength(1);
    for (const id of services) process.kill(id, 'SIGKILL');
    await run.finish();
  }));

it('B13 a browser that is closed: the run is taken up when it is started again', () =>
  liveThrough(async (run) => {
    await run.midway();
    await run.browser.quit();
    await run.takeUp(await run.browser.start());
    await run.finish();
  }));

it('B16 an engine that dies: the page notices, and starts another one', () =>
  liveThrough(async (run) => {
    await run.midway();
    await run.page.evaluate(() => document.querySelector('iframe[title=Engine]')?.remove());
    await run.resume();
    await run.finish();
  }));
