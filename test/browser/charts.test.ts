import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { curves, type CurveCandidate } from '#core/curves.ts';
import { summarize, type ExampleResult } from '#core/evaluation.ts';
import type { CallKey } from '#core/id.ts';
import CurveChart from '#ui/charts/CurveChart.svelte';
import RunLines from '#ui/charts/RunLines.svelte';
import OutcomeBar from '#ui/charts/OutcomeBar.svelte';
import { createPlot, type Scene } from '#ui/charts/chart.ts';
import { readColours } from '#ui/charts/colours.ts';
import { limits } from '#ui/charts/words.ts';
import '#ui/app.css';

function candidate(order: number, right: number, of: number, nats?: number): CurveCandidate {
  const results = Array.from({ length: of }, (_, i): ExampleResult => ({
    type: 'answered',
    outcome: i < right ? 'right' : 'wrong',
    answer: '',
    crossEntropy:
      nats === undefined
        ? { type: 'unscored', reason: 'no-logprobs' }
        : { type: 'scored', value: nats, bound: nats > 1 ? 'at-least' : 'exact' },
    usage: { inputTokens: 1, outputTokens: 1 },
    latencyMs: 1,
    attempts: 1,
    call: '' as CallKey,
  }));
  const [id, label] = [`c${order}`, `Prompt ${order + 1}`];
  return { id, label, order, round: order, callsAfter: (order + 1) * 20, summary: summarize(results) };
}
const run = [candidate(0, 10, 20, 1.5), candidate(1, 8, 20, 0.75), candidate(2, 16, 20, 0.5)];
const plain = (text: string | null | undefined): string | undefined => text?.replaceAll('\u00a0', ' ');

it('reads its colours also where the person wants no motion: there, changes of colour take a moment', () => {
  const plain = readColours(document.body);
  expect(new Set([plain.ink, plain.accent, plain.line]).size).toBe(3);
  const still = new CSSStyleSheet();
  still.replaceSync('* { transition-duration: 0.01ms !important; }');
  document.adoptedStyleSheets = [still];
  onTestFinished(() => void (document.adoptedStyleSheets = []));
  expect(readColours(document.body)).toEqual(plain);
});

describe('CurveChart', () => {
  it('says that there is nothing to show yet', async () => {
    await render(CurveChart, { candidates: [] });
    await expect.element(page.getByText('No scores yet')).toBeVisible();
    expect(document.querySelector('canvas')).toBeNull();
  });

  it('tells in words what each plot shows', async () => {
    await render(CurveChart, { candidates: run });
    const words = page
      .getByRole('img')
      .elements()
      .map((el) => plain(el.getAttribute('aria-label')));
    expect(words).toEqual([
      'Accuracy by round: 3 prompts in 3 rounds. Baseline: 50.0 %. Best so far: 80.0 %, 95 % interval 58.4 % to 91.9 %, in round 2.',
      'Cross entropy in nats by round: 3 prompts in 3 rounds. Baseline: 1.50. Best so far: 0.50, 95 % interval 0.50 to 0.50, in round 2.',
    ]);
  });

  it('leaves the second plot out where there is no cross entropy', async () => {
    await render(CurveChart, { candidates: [candidate(0, 5, 10)] });
    expect(page.getByRole('img').elements()).toHaveLength(1);
  });

  it('is walked through with the arrow keys; Enter opens, Esc leaves', async () => {
    const onopen = vi.fn();
    await render(CurveChart, { candidates: run, onopen });
    const reader = page.getByRole('slider', { name: 'Point of the curve' });
    (reader.element() as HTMLElement).focus();
    const said = (): string | undefined => plain(reader.element().getAttribute('aria-valuetext'));
    await userEvent.keyboard('{ArrowRight}');
    expect(said()).toBe(
      'Prompt 1. Round 0, after 20 calls: 50.0 % right (29.9 % to 70.1 %, n = 20) · at least 1.50 nats (1.50 to 1.50)',
    );
    await userEvent.keyboard('{End}');
    expect(said()).toMatch(/^Prompt 3\. Round 2, after 60 calls: 80\.0 % right/);
    await expect.element(reader).toHaveAttribute('aria-valuenow', '3');
    await userEvent.keyboard('{ArrowRight}{Enter}');
    expect(onopen).toHaveBeenCalledExactlyOnceWith('c2');
    await userEvent.keyboard('{ArrowLeft}');
    expect(said()).toMatch(/^Prompt 2/);
    await userEvent.keyboard('{Escape}');
    expect(said()).toBe('No point chosen');
  });

  it('reads the point under the pointer', async () => {
    await render(CurveChart, { candidates: run, axis: 'calls' });
    const reader = page.getByRole('slider').element();
    const box = reader.getBoundingClientRect();
    const point = (): void => {
      const place = { clientX: box.right - 20, clientY: box.top + 100, bubbles: true };
      reader.dispatchEvent(new PointerEvent('pointermove', place));
    };
    await expect
      .poll(() => {
        point(); // again and again: the plot needs a moment to be there
        return reader.getAttribute('aria-valuetext');
      })
      .toMatch(/^Prompt 3/);
  });

  it('has a table with the same numbers', async () => {
    await render(CurveChart, { candidates: run });
    expect(page.getByRole('table').elements()).toHaveLength(0);
    await page.getByText('Show as table').click();
    await expect.element(page.getByRole('table')).toBeVisible();
    const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => plain(cell.textContent.trim())),
    );
    expect(rows[0]).toEqual([
      ...['Prompt 1', '0', '20', '10 / 20', '50.0 %', '29.9 % to 70.1 %'],
      ...['≥ 1.50', '1.50 to 1.50', '50.0 % ▲'],
    ]);
    expect(rows[1]?.slice(-1)).toEqual(['50.0 %']);
    expect(rows[2]?.slice(-1)).toEqual(['80.0 % ▲']);
  });

  it('switches between rounds and calls', async () => {
    await render(CurveChart, { candidates: run });
    await page.getByRole('radio', { name: 'Calls' }).click();
    expect(page.getByRole('img').first().element().getAttribute('aria-label')).toMatch(/^Accuracy by calls used/);
  });

  it('follows a run that goes on', async () => {
    const screen = await render(CurveChart, { candidates: run.slice(0, 1) });
    await screen.rerender({ candidates: run });
    await expect.element(page.getByRole('slider')).toHaveAttribute('aria-valuemax', '3');
  });
});

describe('a plot', () => {
  const scene = (best: string | undefined): Scene => ({
    series: curves(run, 'calls').accuracy,
    x: { min: 0, max: 80, title: 'calls' },
    y: { min: 0, max: 1, step: 0.2, format: String },
    best,
    active: undefined,
  });
  function canvasOf(): HTMLCanvasElement {
    const host = document.body.appendChild(document.createElement('div'));
    host.style.cssText = 'position: relative; inline-size: 400px; block-size: 200px';
    return host.appendChild(document.createElement('canvas'));
  }
  const painted = (canvas: HTMLCanvasElement): string => canvas.toDataURL();

  it('takes its colours from the page and is painted anew when the theme changes', async () => {
    document.documentElement.dataset['theme'] = 'light';
    const canvas = canvasOf();
    const plot = await createPlot(canvas, scene('c2'));
    const light = readColours(document.body);
    expect(light.surface).toBe('rgb(255 255 255)');
    const before = painted(canvas);
    document.documentElement.dataset['theme'] = 'dark';
    expect(readColours(document.body).accent).not.toBe(light.accent);
    await expect.poll(() => painted(canvas)).not.toBe(before);
    delete document.documentElement.dataset['theme'];
    plot.destroy();
  });

  it('finds every colour where all that moves has been asked to stand still', () => {
    const still = document.head.appendChild(document.createElement('style'));
    still.textContent = '* { transition-duration: 0.01ms !important }'; // as the page says to those who want no motion
    const { ink, accent, line } = readColours(document.body);
    still.remove();
    expect(new Set([ink, accent, line]).size).toBe(3);
  });

  it('knows the nearest point, and forgets everything when it is gone', async () => {
    const canvas = canvasOf();
    const plot = await createPlot(canvas, scene('c2'));
    const box = canvas.getBoundingClientRect();
    expect(plot.nearest(box.left, box.top)?.id).toBe('c0');
    expect(plot.nearest(box.right, box.bottom)?.id).toBe('c2');
    plot.destroy();
    canvas.parentElement?.remove();
  });
});

it('limits are whole steps around the intervals', () => {
  const { accuracy, crossEntropy } = curves(run, 'rounds');
  const wide = limits(accuracy, [0.05, 0.1, 0.2], 1);
  expect([wide.min, wide.max, wide.step].map((value) => value.toFixed(2))).toEqual(['0.20', '1.00', '0.20']);
  expect(limits(crossEntropy, [0.25, 0.5])).toEqual({ min: 0.5, max: 1.5, step: 0.25 });
  expect(limits({ points: [] }, [0.5], 1)).toMatchObject({ step: 0.5 });
});

describe('RunLines', () => {
  type Step = { x: number; y: number; partial: boolean };
  const line = (letter: string, steps: readonly Step[], calls: number) => ({
    ...{ letter, name: letter, steps, calls },
  });
  const chart = () => page.getByRole('img', { name: /^Best so far/ });

  it('goes on to the last call of a run whose first prompt stayed the best, and names a run without a line', async () => {
    const steps = [
      { x: 40, y: 0.5, partial: true },
      { x: 170, y: 0.7, partial: false },
    ];
    const lines = [line('A', steps, 300), line('B', [], 20)];
    await render(RunLines, { lines, words: 'Best so far:' });
    await expect.element(chart()).toHaveAccessibleName(/^Best so far: 1 run, in the end A 70\.0\s%\.$/);
    // what rests on a part of the rows is thin, and thick only what rests on all
    const [thin = 0, thick = 0] = [...chart().element().querySelectorAll<SVGPathElement>('path.line')].map((path) =>
      path.getTotalLength(),
    );
    expect(thick).toBeGreaterThan(50);
    expect(thin).toBeGreaterThan(1.5 * thick);
    await expect.element(page.getByText('No line for B: no prompt has answered all train rows.')).toBeVisible();
  });

  it('is no empty chart where no run has a line', async () => {
    await render(RunLines, { lines: [line('A', [], 9), line('B', [], 20)], words: 'Best so far:' });
    await expect.element(page.getByText(/^No line for A, B:/)).toBeVisible();
    await expect.element(chart()).not.toBeInTheDocument();
  });
});

it('OutcomeBar says all its numbers, and nothing about what did not happen', async () => {
  const outcomes = { right: 41, wrong: 9, unparsable: 0, 'cut-off': 3, refused: 0, failed: 1 };
  const screen = await render(OutcomeBar, { outcomes });
  const bar = page.getByRole('img');
  await expect.element(bar).toHaveAccessibleName('Outcomes of 54 examples: 41 right, 9 wrong, 3 cut off, 1 failed');
  const none = { right: 0, wrong: 0, unparsable: 0, 'cut-off': 0, refused: 0, failed: 0 };
  await screen.rerender({ outcomes: none });
  await expect.element(bar).toHaveAccessibleName('Outcomes: nothing yet');
});
