import { expect, it } from 'vitest';
import { visit, type Saved } from '../support/app.ts';
import { prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

type OpenBundle = { entries: { event: { type: string; spec?: { id: string } } }[] };

/** The same run as if it came from somebody else: at another address, under another name, and not at its end. */
function stranger(bundle: Saved, from: string, to: string): Saved {
  const moved = JSON.parse(bundle.text.replaceAll(from, to)) as OpenBundle;
  const spec = moved.entries[0]?.event.spec;
  if (spec) spec.id = `${spec.id}0`;
  const last = moved.entries.findLastIndex(({ event }) => event.type === 'text-generated');
  return { name: 'stranger.run.json', text: JSON.stringify({ ...moved, entries: moved.entries.slice(0, last) }) };
}

it('X02: a run from a file names no address and gets no key; its address is shown, and asked for, before anything is sent', async () => {
  const key = 'sk-for-the-own-server';
  const own = await startKnowingServer({ key });
  const evil = await startKnowingServer();
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: own.baseUrl, key, model: 'test-model' });
        await page.getByText(`Your prompts and rows will be sent to ${new URL(own.origin).host}.`).waitFor();
        await app.start();
        await app.untilState('Finished');
        await app.showTab('Result');
        const bundle = stranger(await app.save(/^Whole run/), own.origin, evil.origin);
        const { host } = new URL(evil.origin);

        await app.goTo('Runs');
        await app.chooseFile('Open a run from a file', bundle);
        const resume = app.button(`Resume with ${host}`);
        await resume.waitFor();
        await page.getByText(`This run sends its prompts and rows to ${host}, which you have not named`).waitFor();
        expect(evil.calls).toEqual([]);
        await resume.click();
        await app.untilState('Finished');

        await app.goTo('Settings');
        const network = page.getByRole('region', { name: 'Network' }).getByRole('table');
        for (const server of [own, evil]) {
          const row = network.getByRole('row', { name: new RegExp(new URL(server.origin).host) });
          const sent = server.calls.filter(({ method }) => method !== 'OPTIONS').length;
          await expect
            .poll(() => row.getByRole('cell').allInnerTexts(), { timeout: 20_000 })
            .toEqual(expect.arrayContaining([String(sent)]));
        }
        expect(await network.getByRole('columnheader').count()).toBeGreaterThan(5);
        expect(await network.getByRole('rowheader').count()).toBe(2);
      },
      { servers: [own, evil] },
    );
    expect(evil.completions.length).toBeGreaterThan(0);
    expect(evil.calls.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(JSON.stringify(evil.calls)).not.toContain(key);
  } finally {
    await Promise.all([own.close(), evil.close()]);
  }
});

it('says that no other host was contacted, as long as none was', () =>
  visit(async (app) => {
    await app.startSimulated();
    await app.untilEnded();
    await app.goTo('Settings');
    await app.page.getByText('No other host was contacted').waitFor();
  }));
