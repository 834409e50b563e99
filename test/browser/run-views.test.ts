import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { RunId } from '#core/id.ts';
import { sizeFor } from '#ui/charts/cells.ts';
import { finishedRun, handMadeDataset, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';
import { faultsOfPage, openApp, showApp, showRun } from '../support/shown-run.ts';

const panel = () => page.getByRole('tabpanel');
const tab = (name: RegExp) => page.getByRole('tab', { name });

/** The view of the prompts with this name. */
async function view(name: string): Promise<void> {
  await panel().getByRole('radio', { name }).click();
}

describe('words of the trade', () => {
  const explained = async (term: string, words: RegExp): Promise<void> => {
    await panel()
      .getByRole('button', { name: `What is ${term}?` })
      .first()
      .click();
    await expect.element(panel().getByRole('note').filter({ hasText: words })).toBeVisible();
    await userEvent.keyboard('{Escape}');
  };

  it('are explained where they stand: over the plots, and in the heads of the tables', async () => {
    await showRun(finishedRun(), 'curve');
    await explained('Cross entropy', /How surprised the model was/);
    await explained('Nats', /one chance in two/);
    await explained('95 % interval', /More rows make it narrower/);
    await tab(/^Prompts/).click();
    const head = panel().getByRole('columnheader', { name: /Cross entropy/ });
    await expect.element(head.getByRole('button', { name: 'What is Cross entropy?' })).toBeVisible();
    await explained('Cross entropy', /How surprised the model was/);
    await head.getByRole('button', { name: 'Cross entropy', exact: true }).click();
    await expect.element(head).toHaveAttribute('aria-sort', 'descending');
  });
});

describe('two prompts on the same rows', () => {
  it('begin with the best starting prompt and the best one, and add up to the difference', async () => {
    await showRun(raceRun(), 'prompts');
    await view('Compare two');
    const [before, after] = [page.getByLabelText('Before'), page.getByLabelText('After')];
    await expect.element(before).toHaveDisplayValue(/^Start 4 \(baseline\)/);
    await expect.element(after).toHaveDisplayValue(/^Prompt 21 \(best\)/);
    await expect
      .element(panel().getByText(/\+30\.0 points on 40 shared rows, 95\s% interval \+[\d.]+ to \+[\d.]+/))
      .toBeVisible();
    await expect.element(panel().getByRole('radio', { name: 'Fixed 12' })).toBeVisible();
    await page.getByRole('button', { name: 'Swap the two prompts' }).click();
    await expect.element(before).toHaveDisplayValue(/^Prompt 21/);
    await expect.element(panel().getByText(/−30\.0 points on 40 shared rows/)).toBeVisible();
    await expect.element(panel().getByRole('radio', { name: 'Broken 12' })).toBeVisible();
  });

  it('are never the same prompt: who chooses the one of the other side gets them the other way round', async () => {
    await showRun(raceRun(), 'prompts');
    await view('Compare two');
    const [before, after] = [page.getByLabelText('Before'), page.getByLabelText('After')];
    const best = (after.element() as HTMLSelectElement).value;
    await before.selectOptions(best);
    await expect.element(before).toHaveDisplayValue(/^Prompt 21/);
    await expect.element(after).toHaveDisplayValue(/^Start 4/);
    await expect.element(panel().getByText(/−30\.0 points on 40 shared rows/)).toBeVisible();
  });

  it('show both answers to a row', async () => {
    await showRun(raceRun(), 'prompts');
    await view('Compare two');
    const rows = panel().getByRole('region', { name: 'Rows that both prompts answered' });
    await rows.getByRole('rowheader').first().getByRole('button').click();
    const both = panel().getByRole('region', { name: 'The row in full' });
    await expect.element(both.first()).toHaveTextContent(/Wrong/);
    await expect.element(both.last()).toHaveTextContent(/Right/);
  });

  it('stay two when the one that was chosen becomes the best of a run that goes on', async () => {
    const [first, later] = [start('Say something.'), proposal('Say yes or no.', 1, [])];
    const run = new HandMadeRun([first.prompt])
      .answers(first, 'train', 5)
      .fact({ type: 'candidate-proposed', candidate: later, round: 1 })
      .answers(later, 'train', 4)
      .fact({ type: 'archive-changed', round: 1, residents: [first.id, later.id] })
      .fact({ type: 'archive-changed', round: 2, residents: [later.id, first.id] });
    const tail = run.entries.splice(-1);
    const { engine } = await showRun(run, 'prompts', true);
    await view('Compare two');
    const [before, after] = [page.getByLabelText('Before'), page.getByLabelText('After')];
    await before.selectOptions(later.id);
    const rows = panel().getByRole('region', { name: 'Rows that both prompts answered' });
    await rows.getByRole('rowheader').first().getByRole('button').click();
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(after).toHaveDisplayValue(/^Prompt 2 \(best\)/);
    await expect.element(before).toHaveDisplayValue(/^Start 1/);
  });

  it('show the answers that come in', async () => {
    const run = new HandMadeRun(['One.', 'Two.'])
      .answers(start('One.'), 'train', 4)
      .answers(start('Two.'), 'train', 3, 5);
    const cut = run.entries.length;
    for (const id of run.spec.split.train.slice(5)) run.answer(start('Two.'), 'train', id, 'right');
    const tail = run.entries.splice(cut);
    const { engine } = await showRun(run, 'prompts', true);
    await view('Compare two');
    await expect.element(panel().getByRole('radio', { name: 'All 5' })).toBeVisible();
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(panel().getByRole('radio', { name: 'All 10' })).toBeVisible();
    await expect.element(panel().getByText(/on 10 shared rows/)).toBeVisible();
  });

  it('are judged as cautiously as at the end while test rows are out', async () => {
    const [first, better] = [start('Say something.'), proposal('Say yes or no.', 1, [])];
    const run = new HandMadeRun([first.prompt])
      .answers(first, 'train', 4)
      .fact({ type: 'candidate-proposed', candidate: better, round: 1 })
      .answers(better, 'train', 9)
      .add({ type: 'search-ended', best: better.id, baseline: first.id, reason: '', ended: 'finished' })
      .answers(better, 'test', 6, 6)
      .answers(first, 'test', 0, 6)
      .add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
    await showRun(run, 'prompts');
    await view('Compare two');
    await panel().getByRole('radio', { name: 'Test', exact: true }).click();
    await expect.element(panel().getByText(/Cannot tell: \+100\.0 points on 6 shared rows/)).toBeVisible();
  });

  it('are not offered where there is only one', async () => {
    await showRun(new HandMadeRun(['Say something.']).answers(start('Say something.'), 'train', 3), 'prompts');
    await expect.element(panel().getByRole('radio', { name: 'Compare two' })).not.toBeInTheDocument();
  });
});

describe('the family of prompts', () => {
  it('is a list that is walked along its lines, with what was dropped on request', async () => {
    await showRun(raceRun(), 'prompts');
    await view('Family');
    const prompt = (name: string) => panel().getByRole('button', { name, exact: true });
    await expect.element(prompt('Prompt 22')).not.toBeInTheDocument();
    prompt('Prompt 21').element().focus();
    await userEvent.keyboard('{ArrowLeft}');
    expect(document.activeElement).toBe(prompt('Prompt 17').element());
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(prompt('Prompt 21').element());
    await panel()
      .getByRole('checkbox', { name: /Show dropped prompts too/ })
      .click();
    await expect.element(prompt('Prompt 22')).toBeVisible();
    await userEvent.click(prompt('Prompt 21'));
    await expect.element(panel().getByRole('heading', { name: 'Prompt 21' })).toBeVisible();
  });
});

describe('on a phone', () => {
  beforeEach(() => page.viewport(390, 844));
  afterEach(() => page.viewport(414, 896));
  const isWide = (element: Element): boolean => element.scrollWidth > element.clientWidth;

  it('a family of prompts with twenty lines of descent scrolls in its own place', async () => {
    const starts = Array.from({ length: 20 }, (_, index) => start(`Prompt number ${index}.`));
    const run = new HandMadeRun(starts.map(({ prompt }) => prompt));
    for (const one of starts) run.answers(one, 'train', 4);
    for (const one of starts)
      run.fact({ type: 'candidate-proposed', candidate: proposal(`After ${one.prompt}`, 1, [one]), round: 1 });
    await showRun(run, 'prompts');
    await view('Family');
    const tree = panel().getByRole('region', { name: 'Family tree' });
    await expect.element(tree.getByRole('button', { name: 'Prompt 21', exact: true })).toBeVisible();
    expect([isWide(document.documentElement), isWide(tree.element())]).toEqual([false, true]);
    await expect.element(tree.getByText('17 to 69 %').first()).toBeVisible();
  });

  it('kept prompts say their intervals in numbers', async () => {
    await showRun(raceRun(), 'race');
    const kept = panel().getByRole('region', { name: 'Prompts that are kept' });
    await expect.element(kept.getByRole('row').nth(1)).toHaveTextContent(/\d\.\d\s%\d+ to \d+\s%/);
    await expect.element(kept.getByText(/^\d+ to \d+\s%, \d+ rows?$/).first()).toBeVisible();
  });
});

describe('rows and prompts', () => {
  it('are walked through by keyboard, told in words, and opened by Enter', async () => {
    await showRun(raceRun(), 'prompts');
    await view('Rows × prompts');
    const grid = page.getByRole('application');
    await expect.element(grid).toHaveAccessibleName(/40 rows, \d+ prompts/);
    grid.element().focus();
    await userEvent.keyboard('{ArrowDown}{End}');
    const said = page.getByRole('status').filter({ hasText: /^Prompt \d+, row \d+/ });
    await expect.element(said).toHaveTextContent(/(Right|Wrong|Failed|No answer)/);
    await userEvent.keyboard('{Enter}');
    await expect.element(panel().getByRole('region', { name: 'The row in full' })).toBeVisible();
    await panel().getByRole('radio', { name: 'All prompts' }).click();
    await expect.element(panel().getByRole('region', { name: 'The row in full' })).not.toBeInTheDocument();
  });

  describe('of a part that was shuffled', () => {
    const dataset = handMadeDataset();
    const train = [4, 20, 0].flatMap((index) => dataset.examples[index]?.id ?? []);
    const run = new HandMadeRun(['One.', 'Two.'], { split: { train, validation: [], test: [] } }, dataset);
    run.answers(start('One.'), 'train', 2).answers(start('Two.'), 'train', 1);
    const walk = async (order: string): Promise<void> => {
      await panel().getByRole('radio', { name: order }).click();
      page.getByRole('application').element().focus();
      await userEvent.keyboard('{ArrowDown}');
    };
    const said = (words: string) => page.getByRole('status').filter({ hasText: words });

    it('are called by their place in the data, whatever the order', async () => {
      await showRun(run, 'prompts');
      await view('Rows × prompts');
      await walk('As in the data');
      await expect.element(said('Start 1, row 1, Message number 0. Wrong')).toBeInTheDocument();
      await walk('Hardest first');
      await expect.element(said('Start 1, row 1, Message number 0. Wrong')).toBeInTheDocument();
      await userEvent.keyboard('{ArrowDown}');
      await expect.element(said('Start 1, row 21, Message number 20. Right')).toBeInTheDocument();
    });

    it('are called by their place in the part where the data are gone', async () => {
      const shown = await openApp(run);
      await shown.app.deleteDataset(dataset.id);
      await showApp(shown, `#/runs/${run.spec.id}/prompts`);
      await view('Rows × prompts');
      await walk('As in the run');
      await expect.element(said('Start 1, train row 1. Right')).toBeInTheDocument();
    });
  });

  it('have a table twin with the same numbers, and with the answers to the prompt that is pointed at', async () => {
    await showRun(finishedRun(), 'prompts');
    await view('Rows × prompts');
    const table = panel().getByRole('table', { name: 'Rows, and how the prompts did on them' });
    await expect.element(table).not.toBeInTheDocument();
    await panel().getByText('Show as table').click();
    await panel().getByRole('radio', { name: 'As in the data' }).click();
    const header = table.getByRole('rowheader', { name: 'Message number 3', exact: true });
    await expect.element(header).toBeVisible();
    const cells = () => [...(header.element().parentElement?.children ?? [])].map((cell) => cell.textContent.trim());
    // right with the first and the third prompt; nothing could be read with the second
    const turned = 'Turned wrong with Start 2, right with Prompt 3.';
    expect(cells()).toEqual(['4', 'Message number 3', '2', '0', '1', '0', turned]);
    page.getByRole('application').element().focus();
    await userEvent.keyboard('{ArrowDown}');
    await expect.element(table.getByRole('columnheader', { name: 'Answer to Start 1' })).toBeVisible();
    expect(cells().at(-1)).toBe('Right: yes');
  });

  it('lead to a prompt, and the focus goes along', async () => {
    await showRun(finishedRun(), 'prompts');
    await view('Rows × prompts');
    page.getByRole('application').element().focus();
    await userEvent.keyboard('{ArrowDown}');
    await panel().getByRole('button', { name: 'Start 1' }).first().click();
    const detail = panel().getByRole('group', { name: 'Start 1' });
    await expect.element(detail).toHaveFocus();
    await expect.element(detail).toBeInViewport();
  });

  it('can be hit with a finger', async () => {
    const matchMedia = window.matchMedia.bind(window);
    vi.spyOn(window, 'matchMedia').mockImplementation((query) =>
      matchMedia(query.includes('pointer: coarse') ? 'all' : query),
    );
    onTestFinished(() => void vi.restoreAllMocks());
    await showRun(finishedRun(), 'prompts');
    await view('Rows × prompts');
    const grid = page.getByRole('application').element();
    const { left, top } = grid.getBoundingClientRect();
    const size = sizeFor({ rows: 10, columns: 3 }, grid.parentElement?.clientWidth ?? 0, true);
    const place = { x: size.left + 2.5 * size.width, y: size.top + size.height / 2 };
    grid.dispatchEvent(new MouseEvent('click', { clientX: left + place.x, clientY: top + place.y, bubbles: true }));
    await expect.element(page.getByRole('status').filter({ hasText: /^Prompt 3, row \d+/ })).toBeInTheDocument();
  });

  it('show the answers that come in', async () => {
    const run = new HandMadeRun(['One.', 'Two.']).answers(start('One.'), 'train', 4);
    const cut = run.entries.length;
    run.answers(start('Two.'), 'train', 3, 5);
    const tail = run.entries.splice(cut);
    const { engine } = await showRun(run, 'prompts', true);
    await view('Rows × prompts');
    const grid = page.getByRole('application');
    await expect.element(grid).toHaveAccessibleName(/^10 rows, 1 prompt/);
    await expect.element(panel().getByText('Right 4')).toBeVisible();
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(grid).toHaveAccessibleName(/^10 rows, 2 prompts/);
    await expect.element(panel().getByText('Right 7')).toBeVisible();
  });

  it('are painted, and painted anew when they are scrolled', async () => {
    await showRun(raceRun({ train: 120 }), 'prompts');
    await view('Rows × prompts');
    const canvas = page.getByRole('application').element().querySelector('canvas');
    await expect.poll(() => canvas?.width ?? 0).toBeGreaterThan(100);
    const before = canvas?.toDataURL();
    page.getByRole('application').element().scrollTop = 600;
    await expect.poll(() => canvas?.toDataURL()).not.toBe(before);
  });
});

describe('several runs on one chart', () => {
  const race = (seed: number, name: string) => raceRun({ seed, rounds: 3, over: { name } });

  it('are chosen from the list, of one data set only, with their sealed scores side by side', async () => {
    await showApp(await openApp(race(1, 'First'), race(3, 'Second'), finishedRun()), '#/runs');
    const tick = (name: string) => page.getByRole('checkbox', { name: `Compare ${name}` });
    await expect.element(tick('Yes or no, by hand')).toBeDisabled();
    await tick('First').click();
    await expect.element(page.getByText('Tick another run of the same data.')).toBeVisible();
    await tick('Second').click();
    await expect.element(page.getByRole('img', { name: /Best so far against calls: 2 runs/ })).toBeVisible();
    const scores = page.getByRole('region', { name: 'Scores of the runs' });
    await expect.element(scores.getByRole('row', { name: /A First/ })).toHaveTextContent(/points on \d+ shared rows/);
    await page.getByText('Show the lines as a table').click();
    await expect.element(page.getByRole('region', { name: 'Best so far against calls' })).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });
});

it('a run that is opened from a file leaves the data as they are here', async () => {
  const run = finishedRun();
  const { app } = await openApp(run);
  const { library } = app.storage;
  const here = await library.dataset(run.spec.dataset.id);
  if (!here) throw new Error('no data');
  await library.putDataset({ ...here, name: 'By its name here' });
  await app.addBundle({ ...run.bundle, dataset: { ...here, examples: [] } });
  expect(await library.dataset(here.id)).toEqual({ ...here, name: 'By its name here' });
});

it('a list of runs reads each of them once', async () => {
  const runs = Array.from({ length: 6 }, (_, index) =>
    finishedRun({ id: `run-${index}` as RunId, name: `Run ${index}` }),
  );
  const shown = await openApp(...runs);
  const { journal } = shown.app.storage;
  const read = vi.spyOn(journal, 'read');
  await showApp(shown, '#/runs');
  await expect.element(page.getByRole('row', { name: /Run 0/ })).toHaveTextContent('91.7 %');
  await expect.element(page.getByRole('row', { name: /Run 5/ })).toHaveTextContent('91.7 %');
  await new Promise(requestAnimationFrame);
  expect(read.mock.calls.map(([id]) => id).sort()).toEqual(runs.map(({ spec }) => spec.id));
});

describe('the rounds of a run that goes on', () => {
  const first = start('Say something.');
  const roundStarts = (round: number) =>
    ({ type: 'round-started', round, good: [first.id], bad: [], examples: [] }) as const;
  const card = (name: string) =>
    panel().getByRole('heading', { name, exact: true }).element().closest('details') ?? undefined;

  it('stay open under the eyes of who reads them when a new one begins', async () => {
    const run = new HandMadeRun([first.prompt])
      .answers(first, 'train', 8)
      .fact(roundStarts(1))
      .writes(1, 0, 'Say yes.')
      .fact(roundStarts(2));
    const tail = run.entries.splice(-1);
    const { engine } = await showRun(run, 'rounds', true);
    await expect.element(panel().getByText('80.0 % of 10 rows right (49.0 % to 94.3 %)')).toBeVisible();
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(panel().getByRole('heading', { name: 'Round 2' })).toBeVisible();
    expect([card('Round 1')?.open, card('Round 2')?.open]).toEqual([true, true]);
    await panel().getByRole('heading', { name: 'Round 1' }).click();
    await expect.poll(() => card('Round 1')?.open).toBe(false);
  });
});

it('a note of the generator is called one, and proposals are counted without it', async () => {
  const [first, better] = [start('Say something.'), proposal('Say yes or no.', 1, [start('Say something.')])];
  const run = new HandMadeRun([first.prompt])
    .answers(first, 'train', 4)
    .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] })
    .writes(1, 0, 'It does not say which words are wanted.', 'note')
    .writes(1, 0, better.prompt)
    .cameOf(0, { type: 'candidate-proposed', candidate: better, round: 1 });
  await showRun(run, 'rounds', true);
  const cards = () =>
    panel()
      .getByRole('article')
      .elements()
      .map((card) => card.querySelector('h3')?.textContent);
  await expect.poll(cards).toEqual(['Note of the generator', 'Proposal 1']);
});

it('a prompt of a person is told with what the search decided, and none is taken when nobody listens any more', async () => {
  const [first, text] = [start('Say something.'), 'Say yes or no.'];
  const mine = { ...start(text), origin: { type: 'person' } } as const;
  const reason = 'Not decided: the budget ended before it was known on enough rows.';
  const standings = [first, mine].map(({ id }) => ({ candidate: id, score: 0.4, rows: 5 }));
  const run = new HandMadeRun([first.prompt])
    .answers(first, 'train', 4)
    .add({ type: 'input-given', input: { type: 'candidate', prompt: text } })
    .add({ type: 'inputs-heard', step: 70, round: 1 })
    .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] })
    .answers(mine, 'train', 2, 5)
    .fact({ type: 'race-rung', round: 1, rung: 1, rows: 5, standings, out: [] })
    .fact({ type: 'proposal-judged', round: 1, candidate: mine.id, accepted: false, reason })
    .fact({ type: 'round-finished', round: 1, best: first.id, note: 'No new prompt was better.' })
    .answers(first, 'validation', 3, 4);
  await showRun(run, 'race', true);
  const race = panel().getByRole('region', { name: 'Race, rung by rung' });
  await expect.element(race.getByRole('row', { name: /Prompt 2/ })).toHaveTextContent(/– not kept ?Not decided/);
  await tab(/^Rounds/).click();
  await expect.element(panel().getByText('No new prompt was written in this round.')).toBeVisible();
  await expect.element(panel().getByText(reason)).toBeVisible();
  await panel().getByRole('button', { name: 'Prompt 2' }).click();
  await expect.element(panel().getByText(/Written by a person.*Not decided/)).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  await expect.element(page.getByRole('menuitem', { name: /^Change the budget/ })).toBeVisible();
  await expect.element(page.getByRole('menuitem', { name: /^Add my prompt/ })).not.toBeInTheDocument();
});

it('the last step to a race before keeps the focus, so that the way back is one press', async () => {
  await showRun(raceRun(), 'race');
  const [before, after] = ['The race before', 'The race after'].map((name) => panel().getByRole('button', { name }));
  if (!before || !after) throw new Error('no steps');
  await expect.element(after).toHaveAttribute('aria-disabled', 'true');
  before.element().focus();
  const races = panel().getByRole('combobox', { name: 'Which race' }).element().children.length;
  expect(races).toBeGreaterThan(1);
  for (let step = 0; step < races; step += 1) await userEvent.keyboard('{Enter}');
  await expect.element(before).toHaveAttribute('aria-disabled', 'true');
  await expect.element(before).toHaveFocus();
  await expect.element(after).toHaveAttribute('aria-disabled', 'false');
});

describe('the race of a run on a phone', () => {
  it('says how far each prompt came beside its outcome, since there is no room for the rungs', async () => {
    await showRun(raceRun(), 'race');
    const race = panel().getByRole('region', { name: 'Race, rung by rung' });
    await expect.element(race.getByText(/^Score \d+\.\d on \d+ rows$/).first()).toBeVisible();
    await expect.element(race.getByText('✗ out').first()).toBeVisible();
    const scrolls = ({ scrollWidth, clientWidth }: Element): boolean => scrollWidth > clientWidth;
    expect(scrolls(race.element())).toBe(false);
  });
});

describe('the race of a run', () => {
  beforeEach(() => page.viewport(1280, 900));
  afterEach(() => page.viewport(414, 896));

  it('shows what is kept, who ran on which rows, and which ways of writing prompts pay', async () => {
    await showRun(raceRun(), 'race');
    const kept = panel().getByRole('region', { name: 'Prompts that are kept' });
    await expect.element(kept.getByRole('row').nth(1)).toHaveTextContent(/best in the end/);
    const race = panel().getByRole('region', { name: 'Race, rung by rung' });
    await expect.element(race.getByRole('columnheader', { name: '5 rows' })).toBeVisible();
    await expect.element(race.getByText('✗ out').first()).toBeVisible();
    const ways = panel().getByRole('region', { name: 'Ways of writing prompts' });
    await expect.element(ways.getByRole('row', { name: /Learn from mistakes/ })).toBeVisible();
  });

  it('names the first of those that are kept the best as long as it goes on', async () => {
    await showRun(raceRun({ going: true }), 'race', true);
    const kept = panel().getByRole('region', { name: 'Prompts that are kept' });
    await expect.element(kept.getByRole('row').nth(1)).toHaveTextContent(/best so far/);
  });

  it('goes back to the race of the starting prompts, by keyboard', async () => {
    await showRun(raceRun(), 'race');
    const choice = page.getByRole('combobox', { name: 'Which race' });
    await expect.element(choice).toHaveDisplayValue('Round 8 (newest)');
    await choice.selectOptions('Starting prompts');
    await expect.element(panel().getByRole('columnheader', { name: '8 rows' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'The race before' })).toBeDisabled();
    page.getByRole('button', { name: 'The race after' }).element().focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(choice).toHaveDisplayValue('Round 1');
  });

  it('is followed live, unless one looks at an earlier one', async () => {
    const run = raceRun({ going: true, seed: 4 });
    const whole = run.entries.length;
    const cut = run.entries.findLastIndex(
      ({ event }) => event.type === 'search' && event.fact.type === 'round-started',
    );
    const tail = run.entries.splice(cut);
    const { engine } = await showRun(run, 'race', true);
    const choice = page.getByRole('combobox', { name: 'Which race' });
    await expect.element(choice).toHaveDisplayValue('Round 7 (newest)');
    engine.tell([{ run: run.spec.id, entries: tail }]);
    await expect.element(choice).toHaveDisplayValue('Round 8 (newest)');
    await expect.element(panel().getByText('running').first()).toBeVisible();
    expect(run.entries.length + tail.length).toBe(whole);
  });

  it('is told round by round as well: the way each prompt was written in, and why it was kept or dropped', async () => {
    await showRun(raceRun(), 'rounds');
    await panel().getByRole('heading', { name: 'Round 7' }).click();
    const kept = panel().getByRole('article').filter({ hasText: '✓ kept' });
    await expect.element(kept).toHaveTextContent(/Holds its ground on all 40 train rows\./);
    await expect.element(kept).toHaveTextContent(/Learn from mistakes, from Prompt 17\./);
    const dropped = panel().getByRole('article').filter({ hasText: '– dropped' }).last();
    await expect
      .element(dropped)
      .toHaveTextContent(/right on 5 of 40 train rows .*Behind the best prompt on 5 shared rows/);
    await kept.getByRole('button', { name: 'Prompt 21' }).click();
    await expect.element(panel().getByText(/Learn from mistakes, in round 7, from/)).toBeVisible();
    await expect.element(panel().getByText(/Kept: Holds its ground/)).toBeVisible();
  });

  it('is no tab where the search does not race', async () => {
    await showRun(finishedRun(), 'race');
    await expect.element(tab(/^Result/)).toHaveAttribute('aria-selected', 'true');
    await expect.element(tab(/^Race/)).not.toBeInTheDocument();
  });

  it.each(['light', 'dark'] as const)('has no fault that axe finds in the %s theme', async (theme) => {
    const { app } = await showRun(raceRun(), 'race');
    app.setTheme(theme);
    await expect.element(panel().getByRole('heading', { name: /^Race/ })).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
    await tab(/^Prompts/).click();
    for (const name of ['Family', 'Compare two', 'Rows × prompts']) {
      await view(name);
      expect(await faultsOfPage()).toEqual([]);
    }
  });
});
