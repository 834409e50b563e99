import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { DatasetId } from '#core/id.ts';
import { App } from '#state/app.svelte.ts';
import { printBackup } from '#state/backup.ts';
import { Keys } from '#state/keys.svelte.ts';
import { Router } from '#state/route.svelte.ts';
import { Secrets } from '#state/secrets.svelte.ts';
import Root from '#ui/App.svelte';
import '#ui/app.css';
import { makeDataset } from '../support/builders.ts';
import { faultsOfPage } from '../support/shown-run.ts';

const noEngine = (): never => {
  throw new Error('These pages need no engine');
};
let app: App;

async function openPage(hash: string): Promise<void> {
  const address = { location: { hash } as Location, addEventListener: () => undefined };
  app = await App.open(noEngine, new Router(address));
  await app.storage.deleteEverything();
  app = await App.open(noEngine, new Router(address));
  await render(Root, { app });
  await expect.element(page.getByRole('heading', { level: 1 })).toBeVisible();
}

async function choose(name: string, ...content: BlobPart[]): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('There is no place for a file');
  await userEvent.upload(input, new File(content, name));
}
const heading = (name: string | RegExp) => page.getByRole('heading', { name, exact: true });
const role = (column: string) => page.getByLabelText(`Use “${column}” as`);
const save = () => page.getByRole('button', { name: 'Save data set' });

const messages = ['text,kind', ...Array.from({ length: 12 }, (_, row) => `Message number ${row},${row % 2}`)].join(
  '\n',
);

it('no message is given the number of one that has left: each has a time of its own to be read', async () => {
  await openPage('#/');
  const number = () => app.toasts.at(-1)?.id ?? 0;
  app.say('Saved');
  const first = number();
  app.dismiss(first);
  app.say('Saved again');
  expect(number()).toBeGreaterThan(first);
});

describe('from a file to a data set', () => {
  beforeEach(() => openPage('#/data'));

  it('guesses the columns, saves, and shows the rows', async () => {
    await choose('letters.csv', messages);
    await expect.element(heading('Import letters.csv')).toHaveFocus();
    await expect.element(role('text')).toHaveValue('input');
    await expect.element(role('kind')).toHaveValue('answer');
    expect(await faultsOfPage()).toEqual([]);
    await page.getByLabelText('Name of the data set').fill('Letters');
    await userEvent.keyboard('{Enter}');
    await expect.element(heading('Letters')).toHaveFocus();
    expect(app.datasets).toMatchObject([{ name: 'Letters', source: 'letters.csv', examples: 12, fields: ['text'] }]);
    await page.getByRole('button', { name: '12', exact: true }).click();
    await expect.element(page.getByRole('dialog', { name: 'Row 12' })).toHaveTextContent('Message number 11');
    expect(await faultsOfPage()).toEqual([]);
  });

  it('what is changed about the columns shows at once in what comes of it', async () => {
    await choose('letters.csv', messages);
    await page.getByRole('textbox', { name: '0', exact: true }).fill('praise');
    await userEvent.keyboard('{Tab}');
    await expect.element(page.getByRole('list', { name: /Right answers/ })).toHaveTextContent(/praise\s*6\s*rows/);
    await role('kind').selectOptions('ignore');
    await expect.element(page.getByRole('alert')).toHaveTextContent('No usable rows');
    await expect.element(save()).toBeDisabled();
    await role('kind').selectOptions('answer');
    await expect.element(save()).toBeEnabled();
  });

  it('says what is wrong with a file, and reads it in another way', async () => {
    await choose('one-line.csv', 'Is grass green?,yes\n');
    await expect.element(page.getByRole('alert')).toHaveTextContent('No data rows');
    expect(await faultsOfPage()).toEqual([]);
    await page.getByText('Read “one-line.csv” in another way').click();
    await page.getByLabelText('The first line').selectOptions('data');
    await expect.element(heading('Import one-line.csv')).toHaveFocus();
    await expect.element(page.getByText('1 row, 2 columns.')).toBeVisible();
  });

  it('reads letters as the chosen encoding has them', async () => {
    await choose('words.csv', 'word,kind\nna', new Uint8Array([0xef]), 've,a\ncaf', new Uint8Array([0xe9]), ',b\n');
    await expect.element(page.getByText(/was read as Windows-1252/)).toBeVisible();
    await expect.element(page.getByRole('cell', { name: 'café' })).toBeVisible();
    await page.getByText('It looks wrong: read it in another way').click();
    await page.getByLabelText('Characters (encoding)').selectOptions('koi8-r');
    await expect.element(page.getByRole('cell', { name: 'cafИ' })).toBeVisible();
  });

  it('takes cells as text, whatever they hold', async () => {
    await choose('markup.csv', 'text,kind\n<img src=x onerror="window.hostile=1"><b>bold</b>,a\n{{text}},b\n');
    await expect.element(page.getByRole('cell', { name: /^<img src=x/ }).first()).toBeVisible();
    expect(document.querySelector('main img, main td b')).toBeNull();
    expect('hostile' in window).toBe(false);
  });

  it('takes pasted rows, and forgets them when they are not wanted', async () => {
    await page.getByText('Paste rows instead').click();
    await page.getByRole('textbox', { name: 'Rows' }).fill('[{"q": "1 + 1", "a": "2"}, {"q": "2 + 2", "a": "4"}]');
    await page.getByRole('button', { name: 'Read these rows' }).click();
    await expect.element(role('q')).toHaveValue('input');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.element(heading('Data')).toHaveFocus();
    expect(app.datasets).toEqual([]);
  });

  it('refuses a file of another kind with a sentence', async () => {
    await choose('picture.png', 'no matter');
    await expect.element(page.getByText(/“picture.png” cannot be read here/)).toBeVisible();
  });

  it('no longer says what was wrong with one file once another was refused', async () => {
    await choose('empty.csv', '');
    await expect.element(page.getByRole('alert')).toBeVisible();
    await choose('picture.png', 'no matter');
    await expect.element(page.getByText(/“picture.png” cannot be read here/)).toBeVisible();
    expect(page.getByRole('alert').elements()).toEqual([]);
  });

  it('counts rows that the reader itself left out', async () => {
    await choose('long.csv', `${messages}\nMessage, with a comma,1`);
    await expect.element(page.getByText('12 rows can be used, 1 left out.')).toBeInTheDocument();
    await expect.element(page.getByText('of 13 in the file')).toBeVisible();
  });
});

describe('data sets of this browser', () => {
  beforeEach(async () => {
    await openPage('#/data');
    await app.addDataset(makeDataset(30));
  });

  it('go only after a question, which can be answered with no', async () => {
    const [head] = app.datasets;
    const remove = page.getByRole('button', { name: `Delete “${head?.name ?? ''}”` });
    await remove.click();
    await expect.element(page.getByRole('dialog', { name: 'Delete this data set?' })).toHaveTextContent('30 rows');
    await userEvent.keyboard('{Escape}');
    await expect.element(remove).toHaveFocus();
    expect(app.datasets).toHaveLength(1);
    await remove.click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => app.datasets).toEqual([]);
    await expect.element(page.getByRole('status', { name: 'Messages' })).toHaveTextContent('is deleted');
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveFocus();
  });

  it('start a run in one press', async () => {
    await page.getByRole('button', { name: 'New run with this' }).click();
    await expect.element(heading('New run')).toHaveFocus();
    expect(app.drafts.current?.dataset.examples).toHaveLength(30);
  });

  it('that another tab has deleted go from the list when they are wanted, and that is said', async () => {
    for (const { id } of app.datasets) await app.storage.library.deleteDataset(id);
    await page.getByRole('button', { name: 'New run with this' }).click();
    await expect
      .element(page.getByRole('status', { name: 'Messages' }))
      .toHaveTextContent('was deleted in another tab');
    expect(app.datasets).toEqual([]);
  });

  it('are looked up again when the page is seen again', async () => {
    await app.storage.library.putDataset({ ...makeDataset(12), id: 'of-another-tab' as DatasetId, name: 'Others' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    await expect.element(page.getByRole('link', { name: 'Others' })).toBeVisible();
  });

  it('an address without a data set says so and leads back', async () => {
    app.router.go({ page: 'data', id: 'nothing' });
    await expect.element(page.getByRole('alert')).toHaveTextContent('It is not there any more');
    await expect.element(page.getByRole('link', { name: 'Show all data' })).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });
});

describe('settings', () => {
  beforeEach(async () => {
    await openPage('#/settings');
    await app.addDataset(makeDataset(30));
  });

  it('delete locked keys by another way of keeping them only where that is wanted', async () => {
    const secrets = new Secrets();
    secrets.put({ provider: 'openai-compatible', origin: 'https://a.example', values: { apiKey: 'key-0123456789' } });
    await new Keys(app.storage.settings, secrets, (error) => app.complain(error)).remember(
      'correct horse battery staple',
    );
    await app.keys.pull();
    await page.getByRole('radio', { name: /^Until this page is closed/ }).click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('1 key on this device is locked');
    expect(app.keys.remembered).toBe(1);
    expect(await faultsOfPage()).toEqual([]);
    await page.getByRole('button', { name: 'Leave them there' }).click();
    await expect.element(page.getByRole('radio', { name: /^On this device/ })).toBeChecked();
    await page.getByRole('radio', { name: /^Until this page is closed/ }).click();
    await page.getByRole('button', { name: 'Delete 1 locked key' }).click();
    await expect.poll(() => app.keys.mode).toBe('page');
    expect(app.keys.remembered).toBe(0);
  });

  it('hand the focus on when a passphrase was taken and its form goes', async () => {
    const onDevice = page.getByRole('radio', { name: /^On this device/ });
    const take = async (label: string): Promise<void> => {
      await page.getByLabelText(label, { exact: true }).fill('correct horse battery staple');
      await userEvent.keyboard('{Enter}');
      await expect.element(page.getByLabelText(label, { exact: true })).not.toBeInTheDocument();
      await expect.element(onDevice).toHaveFocus();
    };
    await onDevice.click();
    await take('New passphrase');
    const another = new Keys(app.storage.settings, new Secrets(), (error) => app.complain(error));
    await another.remember('correct horse battery staple'); // a vault of its own: here it is locked
    await app.keys.pull();
    await take('Passphrase');
  });

  it('delete everything only after the word was typed', async () => {
    await page.getByRole('button', { name: 'Delete everything…' }).click();
    const sure = page.getByRole('button', { name: 'Delete everything', exact: true });
    await expect.element(page.getByLabelText('Type “delete” to go on')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(app.datasets).toHaveLength(1);
    await expect.element(sure).toBeDisabled();
    expect(await faultsOfPage()).toEqual([]);
    await userEvent.keyboard('delete');
    await expect.element(sure).toBeEnabled();
  });

  it('back up in several files where one would be too large, and take them all at once', async () => {
    for (const rows of [12, 30]) await app.addDataset(makeDataset(rows));
    const files = await printBackup(app.storage, 1);
    vi.spyOn(app, 'printBackup').mockResolvedValue(files);
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download);
    });
    await page.getByRole('button', { name: 'Back up everything' }).click();
    await expect.element(page.getByText(/^Saved as 2 files/)).toBeVisible();
    expect(names).toEqual(['prompt-generator.backup-1-of-2.json', 'prompt-generator.backup-2-of-2.json']);
    vi.restoreAllMocks();
    await app.deleteEverything();
    await userEvent.upload(
      page.getByLabelText('A backup'),
      files.map((file, at) => new File([file], names[at] ?? '')),
    );
    await expect.element(page.getByText('2 data sets and 0 runs are back.')).toBeVisible();
    expect(app.datasets).toHaveLength(2);
  });

  it('keep the theme for the next visit', async () => {
    await page.getByRole('radio', { name: 'Dark' }).click({ force: true });
    expect(document.documentElement.dataset['theme']).toBe('dark');
    const address = { location: { hash: '' } as Location, addEventListener: () => undefined };
    await expect.poll(async () => (await App.open(noEngine, new Router(address))).theme).toBe('dark');
    app.setTheme('system');
  });
});
