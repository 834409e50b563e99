import { createRawSnippet, type Snippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Fields } from '#core/fields.ts';
import Copy from '#ui/parts/Copy.svelte';
import DataTable from '#ui/parts/DataTable.svelte';
import Dialog from '#ui/parts/Dialog.svelte';
import Failed from '#ui/parts/Failed.svelte';
import FieldForm from '#ui/parts/FieldForm.svelte';
import FileDrop from '#ui/parts/FileDrop.svelte';
import Hint from '#ui/parts/Hint.svelte';
import Interval from '#ui/parts/Interval.svelte';
import Menu from '#ui/parts/Menu.svelte';
import Progress from '#ui/parts/Progress.svelte';
import Segmented from '#ui/parts/Segmented.svelte';
import Steps from '#ui/parts/Steps.svelte';
import Tabs from '#ui/parts/Tabs.svelte';
import Toasts from '#ui/parts/Toasts.svelte';
import WordDiff from '#ui/parts/WordDiff.svelte';
import { count, number, percent, signed } from '#ui/parts/format.ts';
import { sortRows, windowOf } from '#ui/parts/table.ts';
import '#ui/app.css';

const html = (text: string): Snippet => createRawSnippet(() => ({ render: () => text }));

describe('FieldForm', () => {
  const fields = {
    name: { type: 'model', label: 'Name', help: 'As the server calls it', default: '' },
    key: { type: 'secret', label: 'Key', default: '' },
    size: { type: 'number', label: 'Size', min: 1, max: 9, default: 3 },
    kind: {
      type: 'choice',
      label: 'Kind',
      choices: [
        { value: 'a', label: 'First' },
        { value: 'b', label: 'Second' },
      ],
      default: 'a',
    },
    fast: { type: 'flag', label: 'Fast', default: false },
    notes: { type: 'long-text', label: 'Notes', default: '', advanced: true },
  } satisfies Fields;
  const given = { name: '', key: '', size: 3, kind: 'a', fast: false, notes: '' };

  it('gives each field its control, its label and its help', async () => {
    await render(FieldForm, { fields, values: given, suggestions: { name: ['one', 'two'] } });
    await expect
      .element(page.getByRole('combobox', { name: 'Name' }))
      .toHaveAccessibleDescription('As the server calls it');
    await expect.element(page.getByRole('spinbutton', { name: 'Size' })).toHaveValue(3);
    await expect.element(page.getByRole('combobox', { name: 'Kind' })).toHaveValue('a');
    await expect.element(page.getByRole('checkbox', { name: 'Fast' })).not.toBeChecked();
    expect([...document.querySelectorAll('datalist option')].map((option) => option.getAttribute('value'))).toEqual([
      'one',
      'two',
    ]);
  });

  it('hands out every change, and an emptied number as nothing', async () => {
    const onchange = vi.fn();
    await render(FieldForm, { fields, values: given, onchange });
    await page.getByLabelText('Size').fill('7');
    await page.getByLabelText('Size').fill('');
    await page.getByLabelText('Kind').selectOptions('b');
    await page.getByLabelText('Fast').click();
    expect(onchange.mock.calls).toEqual([
      ['size', 7],
      ['size', ''],
      ['kind', 'b'],
      ['fast', true],
    ]);
  });

  it('says what is wrong after the field was left, not before', async () => {
    await render(FieldForm, { fields, values: given });
    const size = page.getByLabelText('Size');
    await size.fill('12');
    await expect.element(size).not.toHaveAttribute('aria-invalid');
    await userEvent.tab();
    await expect.element(size).toHaveAttribute('aria-invalid', 'true');
    await expect.element(size).toHaveAccessibleDescription('Between 1 and 9, not 12.');
  });

  it('shows a problem of the caller at once, and counts the hidden ones', async () => {
    await render(FieldForm, { fields, values: given, problems: { name: 'Name: no such model.', notes: 'Too long.' } });
    await expect.element(page.getByText('No such model.')).toBeVisible();
    await expect.element(page.getByText('1 to mend')).toBeVisible();
  });

  it('keeps a secret out of sight until it is asked for, and out of the memory of the browser', async () => {
    await render(FieldForm, { fields, values: given });
    const key = page.getByLabelText('Key', { exact: true });
    await expect.element(key).toHaveAttribute('type', 'password');
    await expect.element(key).toHaveAttribute('autocomplete', 'off');
    await page.getByRole('button', { name: 'Show Key' }).click();
    await expect.element(key).toHaveAttribute('type', 'text');
  });
});

describe('Dialog', () => {
  it('starts in its first field, closes on Esc and gives the focus back', async () => {
    const opener = document.body.appendChild(document.createElement('button'));
    opener.focus();
    const onclose = vi.fn();
    const props = { title: 'Rename', children: html('<input aria-label="New name" />'), onclose };
    const screen = await render(Dialog, { ...props, open: true });
    await expect.element(page.getByRole('dialog', { name: 'Rename' })).toBeVisible();
    await expect.element(page.getByLabelText('New name')).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    expect(onclose).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(opener);
    await screen.unmount();
    opener.remove();
  });

  it('closes on its backdrop and on its cross, not on a click inside', async () => {
    const onclose = vi.fn();
    const props = { title: 'Rename', children: html('<p>Inside</p>'), onclose };
    const screen = await render(Dialog, { ...props, open: true });
    await page.getByText('Inside').click();
    expect(onclose).not.toHaveBeenCalled();
    const dialog = document.querySelector('dialog');
    dialog?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
    dialog?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await expect.poll(() => onclose.mock.calls.length).toBe(1);
    await screen.rerender({ ...props, open: true });
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => onclose.mock.calls.length).toBe(2);
  });

  it('stays when it is opened again at once: the browser tells of a closing later than it closes', async () => {
    const onclose = vi.fn();
    const props = { title: 'Rename', children: html('<p>Inside</p>'), onclose };
    const screen = await render(Dialog, { ...props, open: true });
    const dialog = document.querySelector('dialog');
    const told = new Promise((resolve) => dialog?.addEventListener('close', resolve, { once: true }));
    dialog?.dispatchEvent(new Event('cancel'));
    dialog?.close();
    await screen.rerender({ ...props, open: true });
    expect(dialog?.open).toBe(true);
    await told;
    await expect.element(page.getByText('Inside')).toBeVisible();
    expect(onclose).toHaveBeenCalledOnce();
  });
});

it('Tabs: one stop for Tab, arrow keys select, Home and End jump', async () => {
  const tabs = ['a', 'b', 'c'].map((id) => ({ id, label: `Tab ${id}` }));
  await render(Tabs, { label: 'Views', tabs, selected: 'a', panel: html('<p>Panel</p>') });
  await page.getByRole('tab', { name: 'Tab a' }).click();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(page.getByRole('tab', { name: 'Tab b' })).toHaveFocus();
  await expect.element(page.getByRole('tab', { selected: true })).toHaveTextContent('Tab b');
  await expect.element(page.getByRole('tabpanel', { name: 'Tab b' })).toBeVisible();
  await userEvent.keyboard('{End}');
  await expect.element(page.getByRole('tab', { name: 'Tab c' })).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(page.getByRole('tab', { name: 'Tab a' })).toHaveFocus();
  await userEvent.tab();
  await expect.element(page.getByRole('tabpanel')).toHaveFocus();
});

it('Tabs: a row that is wider than the page fades where more is out of sight', async () => {
  const tabs = Array.from({ length: 12 }, (_, n) => ({ id: `t${n}`, label: `A tab with a long name ${n}` }));
  await render(Tabs, { label: 'Views', tabs, selected: 't0', panel: html('<p>Panel</p>') });
  const list = page.getByRole('tablist').element();
  const faded = (): readonly string[] => ['before', 'after'].filter((side) => list.classList.contains(side));
  await expect.poll(faded).toEqual(['after']);
  list.scrollLeft = 200;
  await expect.poll(faded).toEqual(['before', 'after']);
  list.scrollLeft = list.scrollWidth;
  await expect.poll(faded).toEqual(['before']);
});

it('Menu: stays inside the window with a button at its edge', async () => {
  const items = [{ id: 'a', label: 'A word', help: 'A help text that makes the menu as wide as it may become' }];
  const screen = await render(Menu, { label: 'Export', items, onselect: () => undefined });
  Object.assign(screen.container.style, { position: 'fixed', insetInlineEnd: '4px' });
  await page.getByRole('button', { name: 'Export' }).click();
  const { right, left, width } = page.getByRole('menu').element().getBoundingClientRect();
  expect(width).toBeGreaterThan(250);
  expect(right).toBeLessThanOrEqual(document.documentElement.getBoundingClientRect().right - 8);
  expect(left).toBeGreaterThan(0);
});

it('Menu: opens with the keyboard, arrows walk past what is disabled, Enter chooses', async () => {
  const onselect = vi.fn();
  const items = [
    { id: 'one', label: 'One' },
    { id: 'two', label: 'Two', disabled: true },
    { id: 'three', label: 'Three' },
  ];
  await render(Menu, { label: 'Export', items, onselect });
  const button = page.getByRole('button', { name: 'Export' });
  await expect.element(button).toHaveAttribute('aria-expanded', 'false');
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByRole('menuitem', { name: 'One' })).toHaveFocus();
  await expect.element(button).toHaveAttribute('aria-expanded', 'true');
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(page.getByRole('menuitem', { name: 'Three' })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(onselect).toHaveBeenCalledExactlyOnceWith('three');
  await expect.element(button).toHaveFocus();
});

it('Hint: explains the word while it is open, and Esc closes it', async () => {
  await render(Hint, { term: 'nat', children: html('<span>A unit of information.</span>') });
  const button = page.getByRole('button', { name: 'What is nat?' });
  await button.click();
  await expect.element(page.getByText('A unit of information.')).toBeVisible();
  await expect.element(button).toHaveAccessibleDescription(/unit of information/);
  await userEvent.keyboard('{Escape}');
  await expect.element(page.getByText('A unit of information.')).not.toBeVisible();
});

describe('DataTable', () => {
  type Row = { readonly id: string; readonly score: number | undefined };
  const columns = [
    { id: 'name', label: 'Name', value: (row: Row) => row.id, names: true, sortable: true },
    { id: 'score', label: 'Score', value: (row: Row) => row.score, number: true, sortable: true },
  ];
  const key = (row: Row): string => row.id;
  const names = (): (string | undefined)[] =>
    [...document.querySelectorAll('tbody th')].map((cell) => cell.textContent.trim());

  it('sorts by its headers, large numbers first, and says so', async () => {
    const rows: Row[] = [
      { id: 'x2', score: 1 },
      { id: 'x10', score: 3 },
      { id: 'x1', score: undefined },
    ];
    await render(DataTable<Row>, { caption: 'Scores', columns, rows, key });
    await page.getByRole('button', { name: 'Score' }).click();
    expect(names()).toEqual(['x10', 'x2', 'x1']);
    await expect.element(page.getByRole('columnheader', { name: 'Score' })).toHaveAttribute('aria-sort', 'descending');
    await expect.element(page.getByRole('status')).toHaveTextContent('Sorted by Score, descending');
    await page.getByRole('button', { name: 'Score' }).click();
    expect(names()).toEqual(['x2', 'x10', 'x1']);
    await page.getByRole('button', { name: 'Name' }).click();
    expect(names()).toEqual(['x1', 'x2', 'x10']);
  });

  it('selects a row by a button with the keyboard', async () => {
    const onselect = vi.fn();
    const rows: Row[] = [{ id: 'a', score: 1 }];
    await render(DataTable<Row>, { caption: 'Scores', columns, rows, key, selected: 'b', onselect });
    const button = page.getByRole('button', { name: 'a', exact: true });
    await expect.element(button).toHaveAttribute('aria-pressed', 'false');
    (button.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    expect(onselect).toHaveBeenCalledExactlyOnceWith(rows[0]);
  });

  it('draws of many rows only those that can be seen, and counts them all', async () => {
    const rows = Array.from({ length: 5000 }, (_, i): Row => ({ id: `r${i}`, score: i }));
    await render(DataTable<Row>, { caption: 'Scores', columns, rows, key, height: '300px' });
    await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5001');
    expect(names().length).toBeLessThan(60);
    const region = page.getByRole('region', { name: 'Scores' }).element();
    region.scrollTop = 2500 * 38;
    await expect.poll(() => names().includes('r2500')).toBe(true);
    const row = [...document.querySelectorAll('tbody tr')].find((tr) => tr.textContent.includes('r2500'));
    expect(row?.getAttribute('aria-rowindex')).toBe('2502');
  });

  it('says that it is empty', async () => {
    await render(DataTable<Row>, { caption: 'Scores', columns, rows: [], key, empty: 'No scores' });
    await expect.element(page.getByRole('cell', { name: 'No scores' })).toBeVisible();
  });
});

describe('FileDrop', () => {
  it('hands out what is chosen and what is dropped, and refuses other files with a sentence', async () => {
    const onfiles = vi.fn();
    const onrefused = vi.fn();
    await render(FileDrop, { label: 'Choose a file', accept: ['.csv'], onfiles, onrefused });
    const input = document.querySelector('input');
    const give = (name: string): DataTransfer => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['a'], name));
      return transfer;
    };
    if (input) input.files = give('rows.CSV').files;
    input?.dispatchEvent(new Event('change', { bubbles: true }));
    expect(onfiles).toHaveBeenCalledTimes(1);
    const button = page.getByRole('button', { name: 'Choose a file' });
    button.element().dispatchEvent(new DragEvent('drop', { dataTransfer: give('b.csv'), bubbles: true }));
    expect(onfiles).toHaveBeenCalledTimes(2);
    button.element().dispatchEvent(new DragEvent('drop', { dataTransfer: give('c.exe'), bubbles: true }));
    expect(onfiles).toHaveBeenCalledTimes(2);
    expect(onrefused).toHaveBeenCalledOnce();
    await expect.element(page.getByRole('status')).toHaveTextContent('“c.exe” cannot be read here');
    await expect.element(button).toHaveAccessibleDescription(/c\.exe/);
  });
});

describe('WordDiff', () => {
  it('marks what is new and what is gone, and counts words', async () => {
    await render(WordDiff, { before: 'Answer with one word.', after: 'Answer with exactly one label.' });
    await expect.element(page.getByText('2 words added, 1 word removed')).toBeInTheDocument();
    const text = page.getByRole('group', { name: 'Changes' }).element();
    expect([...text.querySelectorAll('ins')].map((el) => el.textContent.trim())).toEqual(['exactly', 'label']);
    expect([...text.querySelectorAll('del')].map((el) => el.textContent.trim())).toEqual(['word']);
  });

  it('shows texts with few words in common one below the other, unmixed', async () => {
    const before = 'What is this message about? Please say it in the words of the customer.';
    const after = 'Decide the label: praise, complaint or question. Give the label only, in one word.';
    const screen = await render(WordDiff, { before, after });
    const text = page.getByRole('group', { name: 'Changes' });
    await expect.element(text.getByText(before)).toBeVisible();
    await expect.element(text.getByText(after)).toBeVisible();
    expect(text.element().querySelector('ins, del')).toBeNull();
    // a text that has only grown is no other text
    await screen.rerender({ before, after: `${before} ${after}` });
    await expect.poll(() => document.querySelector('[role=group] ins')?.textContent.trim()).toBe(after);
  });

  it('tells no change from a change of spaces', async () => {
    const screen = await render(WordDiff, { before: 'a b', after: 'a b' });
    await expect.element(page.getByText('No changes')).toBeVisible();
    await screen.rerender({ before: 'a b', after: 'a\nb' });
    await expect.element(page.getByText('Only spaces and line breaks differ')).toBeVisible();
  });
});

it('Copy: says that it worked, and what to do where it is not allowed', async () => {
  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValueOnce();
  await render(Copy, { text: () => 'some text' });
  await page.getByRole('button', { name: 'Copy' }).click();
  expect(write).toHaveBeenCalledExactlyOnceWith('some text');
  await expect.element(page.getByRole('status')).toHaveTextContent('Copied');
  write.mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
  await page.getByRole('button').click();
  await expect.element(page.getByRole('status')).toHaveTextContent('copy it by hand');
  write.mockRestore();
});

it('Progress: carries label, value and words', async () => {
  const screen = await render(Progress, { label: 'Round 3', value: 50, max: 200, text: '50 of 200' });
  const bar = page.getByRole('progressbar', { name: 'Round 3' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '50');
  await expect.element(bar).toHaveAttribute('aria-valuetext', '50 of 200');
  await screen.rerender({ label: 'Round 3', value: undefined, text: undefined });
  await expect.element(bar).not.toHaveAttribute('aria-valuenow');
});

it('Interval: says its numbers', async () => {
  await render(Interval, { value: 0.855, lo: 0.8, hi: 0.897, reference: 0.655 });
  const words = page.getByRole('img').element().getAttribute('aria-label')?.replaceAll('\u00a0', ' ');
  expect(words).toBe('85.5 %, 95 % interval 80.0 % to 89.7 %, compared with 65.5 %');
});

it('Steps: names the step one is in, and only what is open is a button', async () => {
  const onselect = vi.fn();
  const steps = [
    { id: 'a', label: 'Data', done: true },
    { id: 'b', label: 'Prompts' },
    { id: 'c', label: 'Start' },
  ];
  await render(Steps, { label: 'Set-up', steps, current: 'b', onselect });
  expect(document.querySelector('[aria-current=step]')?.textContent).toContain('Prompts');
  expect(page.getByRole('button').elements()).toHaveLength(1);
  await page.getByRole('button', { name: 'Data (done)' }).click();
  expect(onselect).toHaveBeenCalledExactlyOnceWith('a');
});

it('Segmented: a radio group that arrow keys walk through', async () => {
  const onchange = vi.fn();
  const options = ['Light', 'As the system', 'Dark'].map((label) => ({ value: label, label }));
  await render(Segmented<string>, { label: 'Theme', options, value: 'Light', onchange });
  await userEvent.tab();
  await expect.element(page.getByRole('radio', { name: 'Light' })).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  expect(onchange).toHaveBeenCalledExactlyOnceWith('As the system');
  await expect.element(page.getByRole('radio', { name: 'As the system' })).toBeChecked();
});

it('Toasts and Failed: are heard, and can be answered', async () => {
  const ondismiss = vi.fn();
  await render(Toasts, { toasts: [{ id: 1, text: 'Saved' }], ondismiss });
  await expect.element(page.getByRole('status')).toHaveTextContent('Saved');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  expect(ondismiss).toHaveBeenCalledExactlyOnceWith(1);
  const retry = vi.fn();
  await render(Failed, { title: 'Key refused', sentence: 'The server said 401.', remedy: 'Check the key.', retry });
  await expect.element(page.getByRole('alert')).toHaveTextContent(/Key refused.*401.*Check the key/);
  await page.getByRole('button', { name: 'Try again' }).click();
  expect(retry).toHaveBeenCalledOnce();
});

describe('words and sums behind the parts', () => {
  it('writes numbers, and a dash for what is not known', () => {
    expect([number(1240), number(0.456, 2), number(undefined), percent(0.855), percent(Number.NaN)]).toEqual([
      '1,240',
      '0.46',
      '–',
      '85.5\u00a0%',
      '–',
    ]);
    expect([signed(4.5), signed(-2), signed(undefined), count(1, 'word'), count(2, 'word')]).toEqual([
      '+4.5',
      '−2.0',
      '–',
      '1 word',
      '2 words',
    ]);
  });

  it('sorts without touching what it was given, unknown last both ways', () => {
    const rows = [2, undefined, 1];
    const value = (row: number | undefined): number | undefined => row;
    expect(sortRows(rows, value, 'ascending')).toEqual([1, 2, undefined]);
    expect(sortRows(rows, value, 'descending')).toEqual([2, 1, undefined]);
    expect(rows).toEqual([2, undefined, 1]);
  });

  it('draws a window that never leaves the list', () => {
    expect(windowOf(1000, 0, 380, 38)).toEqual({ from: 0, to: 22 });
    expect(windowOf(1000, 38_000, 380, 38)).toEqual({ from: 987, to: 1000 });
    expect(windowOf(5, 38_000, 380, 38)).toEqual({ from: 0, to: 5 });
  });
});
