import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { AppVisit } from '../support/app.ts';
import { madeFile, prepareSmallRun, startKnowingServer } from '../support/made-set.ts';
import type { OpenAiServer } from '../support/openai-server.ts';
import { openProfile, type Profile } from '../support/profile.ts';
import { serveFolder } from '../support/static-server.ts';

/** Where a key lies while it is kept, and that it lies nowhere else: on the disk of a browser, after it was closed. */

let host: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  host = await serveFolder(inject('appFolder'));
});
afterAll(() => host.close());

/** No two windows of ten letters alike, so that nothing else on a disk can be taken for it. */
const canary = (): string => `sk-canary-${randomBytes(18).toString('hex')}`;

/** A browser, a server that wants this key, and a run prepared; the key is in memory when `work` begins. */
async function withKey(
  work: (place: {
    readonly app: AppVisit;
    readonly profile: Profile;
    readonly own: OpenAiServer;
    readonly key: string;
    readonly inMemory: (app: AppVisit) => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const key = canary();
  const own = await startKnowingServer({ key });
  const profile = await openProfile();
  try {
    const app = await profile.open(host.url);
    await prepareSmallRun(app);
    await app.setServer({ baseUrl: own.baseUrl, key, model: 'test-model' });
    await app.press('Test connection');
    await app.page.getByText('It answers', { exact: true }).waitFor();
    const words = `A key for ${new URL(own.origin).host} is in memory and will be used.`;
    await work({
      app,
      profile,
      own,
      key,
      inMemory: async (tab) => tab.page.getByText(words).waitFor(),
    });
  } finally {
    await profile.close().catch(() => undefined);
    await profile.remove();
    await own.close();
  }
}

/** From a fresh page of the app to the form of a model at this address, with nothing typed but the address. */
async function showModel(app: AppVisit, baseUrl: string): Promise<void> {
  await app.open('#/data');
  await app.page
    .getByRole('link', { name: madeFile.name.replace('.csv', '') })
    .first()
    .click();
  await app.press('New run with this data');
  await app.setServer({ baseUrl, model: 'test-model' });
}

async function keepKeys(app: AppVisit, how: RegExp): Promise<void> {
  await app.page
    .getByText(/^Keys are kept/)
    .first()
    .click();
  await app.page.getByRole('radio', { name: how }).check();
}

it('X15 X01: a key in memory only is asked for again after a reload, and no piece of it is on the disk', () =>
  withKey(async ({ app, profile, own, key }) => {
    await app.start();
    await app.untilState('Finished');
    expect(own.finished).toBeGreaterThan(20);
    await app.page.reload();
    await showModel(app, own.baseUrl);
    expect(await app.page.getByText(/is in memory and will be used/).count()).toBe(0);
    await profile.close();
    expect(await profile.search(key)).toEqual([]);
    expect((await profile.search(new URL(own.origin).host)).length, 'the search finds what is there').toBeGreaterThan(
      0,
    );
  }));

it('X15: a key kept for the tabs outlives a reload, is shared by two tabs, and no piece of it is on the disk', () =>
  withKey(async ({ app, profile, own, key, inMemory }) => {
    await keepKeys(app, /^While a tab of this app is open/);
    await app.page.getByText('Keys are kept while a tab of this app is open.').waitFor();
    await app.page.reload();
    await showModel(app, own.baseUrl);
    await inMemory(app);
    const second = await profile.open(host.url);
    await showModel(second, own.baseUrl);
    await inMemory(second);
    await second.press('Test connection');
    await second.page.getByText('It answers', { exact: true }).waitFor();
    // forgotten in one tab, it is gone for the next one
    await second.goTo('Settings');
    await second.press('Forget the keys');
    const third = await profile.open(host.url);
    await showModel(third, own.baseUrl);
    expect(await third.page.getByText(/is in memory and will be used/).count()).toBe(0);
    await profile.close();
    expect(await profile.search(key)).toEqual([]);
  }));

it('X15: a key under a passphrase opens with it after a reload; the disk holds the sealed one only, until it is forgotten', () =>
  withKey(async ({ app, profile, own, key, inMemory }) => {
    const { page } = app;
    const passphrase = `four words ${randomBytes(8).toString('hex')}`;
    await keepKeys(app, /^On this device, under a passphrase/);
    await app.label('New passphrase').fill('too short');
    await app.press('Remember keys');
    await page.getByText('At least 12 characters, please').waitFor();
    await app.label('New passphrase').fill(passphrase);
    await app.press('Remember keys');
    await page.getByText('Keys are remembered on this device from now on.').waitFor();
    await page.reload();
    await showModel(app, own.baseUrl);
    const unlock = app.label('Passphrase of the remembered keys');
    await unlock.fill('another passphrase');
    await app.button('Unlock keys').first().click();
    await page.getByText('That is another passphrase').first().waitFor();
    await unlock.fill(passphrase);
    await app.button('Unlock keys').first().click();
    await inMemory(app);
    await app.press('Test connection');
    await page.getByText('It answers', { exact: true }).waitFor();
    const [kept] = (await app.records('settings')).filter(({ key: name }) => name === 'keys');
    expect(JSON.stringify(kept)).toContain('sealed');
    await app.goTo('Settings');
    await page.getByText('1 key on this device, encrypted.').waitFor();
    await app.press('Forget the keys');
    await page.getByText('No key was entered.').waitFor();
    expect((await app.records('settings')).filter(({ key: name }) => name === 'keys')).toEqual([]);
    await profile.close();
    expect(await profile.search(key)).toEqual([]);
    expect(await profile.search(passphrase)).toEqual([]);
  }));

it('a key that is typed anew takes the place of one that the tabs share and the server refuses', () =>
  withKey(async ({ app, profile, own, key, inMemory }) => {
    await keepKeys(app, /^While a tab of this app is open/);
    await app.page.getByText('Keys are kept while a tab of this app is open.').waitFor();
    const second = await profile.open(host.url);
    await showModel(second, own.baseUrl);
    await inMemory(second);
    const test = async (tab: AppVisit, typed: string, answer: string): Promise<void> => {
      await tab.keyField.fill(typed);
      await tab.press('Test connection');
      await tab.page.getByText(answer, { exact: true }).first().waitFor();
    };
    await test(app, 'sk-mistyped-0123456789', 'The key was refused');
    await test(app, key, 'It answers');
    // the other tab had the first one, and follows
    await second.press('Test connection');
    await second.page.getByText('It answers', { exact: true }).waitFor();
    await app.press('Forget it');
    await second.page.reload();
    await showModel(second, own.baseUrl);
    expect(await second.page.getByText(/is in memory and will be used/).count()).toBe(0);
  }));

it('a key that is forgotten while a run sends it is sent no more', () =>
  withKey(async ({ app, own }) => {
    own.set({ latencyMs: 200 });
    await app.start();
    await expect.poll(() => own.finished, { timeout: 20_000 }).toBeGreaterThan(3);
    await app.goTo('Settings');
    await app.press('Forget the keys');
    await app.page.getByText(/The keys are forgotten\. 1 run waits until a key is entered again\./).waitFor();
    const sent = own.completions.length;
    await app.page.goBack();
    await app.untilState('Interrupted');
    await app.page.waitForTimeout(1000); // time in which it would have asked several more
    expect(own.completions.length).toBe(sent);
  }));

it('a key that is forgotten in one tab is sent no more by a run of another', () =>
  withKey(async ({ app, profile, own }) => {
    await keepKeys(app, /^While a tab of this app is open/);
    await app.page.getByText('Keys are kept while a tab of this app is open.').waitFor();
    const second = await profile.open(host.url);
    await second.goTo('Settings');
    await second.page.getByText('There are keys for 1 address.').waitFor();
    own.set({ latencyMs: 3000 }); // slower than an engine starts
    await app.fill({ 'Calls at the same time': 2 });
    await app.start();
    await expect.poll(() => own.finished, { timeout: 20_000 }).toBeGreaterThan(3);
    await second.press('Forget the keys');
    // this tab takes the run over, and tries it without a key: a server on this computer rarely wants one
    await app.page.getByText('The key was refused').first().waitFor();
    const sent = (): number => own.completions.filter(({ headers }) => headers.authorization !== undefined).length;
    const before = sent();
    await app.page.waitForTimeout(3000); // time in which it would have asked several more
    expect(sent()).toBe(before);
    expect(before, 'it did send the key').toBeGreaterThan(3);
  }));
