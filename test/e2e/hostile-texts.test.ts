import { expect, it } from 'vitest';
import { visit, type AppVisit } from '../support/app.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { startOpenAiServer } from '../support/openai-server.ts';

/** Every place where the app shows a text of somebody else gets the whole corpus. A visit itself looks for requests and reports. */

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** What would be in the document if any of the texts had been taken for markup. */
const markup = (app: AppVisit): Promise<readonly string[]> =>
  app.page.evaluate(() => {
    const wrong = [...document.body.querySelectorAll('*')].filter(
      (element) =>
        [
          'IMG',
          'OBJECT',
          'EMBED',
          'VIDEO',
          'AUDIO',
          'MARQUEE',
          'MATH',
          'math',
          'STYLE',
          'BASE',
          'META',
          'SCRIPT',
        ].includes(element.tagName) ||
        element.getAttributeNames().some((name) => name.startsWith('on')) ||
        /^\s*(javascript|data):/i.test(element.getAttribute('href') ?? '') ||
        (element.tagName === 'IFRAME' && !(element as HTMLIFrameElement).src.includes('/engine.html')) ||
        (element.tagName === 'A' &&
          (element as HTMLAnchorElement).target === '_blank' &&
          !(element as HTMLAnchorElement).relList.contains('noopener')),
    );
    const globals = window as unknown as { pwned?: unknown };
    return [
      ...wrong.map((element) => element.outerHTML.slice(0, 200)),
      ...(globals.pwned === undefined ? [] : ['a script ran']),
      ...('x' in {} || 'polluted' in {} ? ['the prototype was changed'] : []),
    ];
  });

it('M10 M11 X05 X06: hostile texts in files, columns, names, prompts and answers are shown as they are, and nothing happens', async () => {
  const evil = await startOpenAiServer();
  const texts = hostileTexts(evil.origin);
  expect(texts.length).toBeGreaterThanOrEqual(60);
  const labels = ['red', 'green', 'blue'];
  let asked = 0;
  const server = await startOpenAiServer({
    models: [texts[6] ?? '', 'test-model'],
    // an answer that can be read, or a proposal, with a hostile text around it
    answer: ({ messages }) => {
      const text = texts[asked++ % texts.length] ?? '';
      const proposes = messages.some(({ content }) => content.includes('<prompt>'));
      return { text: proposes ? `${text} <prompt>Name the colour. ${text}</prompt> ${text}` : `${text} red` };
    },
  });
  try {
    await visit(
      async (app) => {
        const { page } = app;
        page.on('dialog', (dialog) => {
          void dialog.dismiss();
          throw new Error('A dialog opened');
        });
        const shows = async (text: string): Promise<void> => {
          await expect
            .poll(async () => squeezed(await page.locator('body').innerText()), { timeout: 20_000 })
            .toContain(squeezed(text));
          expect(await markup(app)).toEqual([]);
        };
        /** Some text of the corpus is on the screen, letter by letter. */
        const showsSome = async (): Promise<void> => {
          const some = async (): Promise<number> => {
            const shown = squeezed(await page.locator('body').innerText());
            return texts.filter((text) => shown.includes(squeezed(text))).length;
          };
          await expect.poll(some, { timeout: 20_000 }).toBeGreaterThan(0);
          expect(await markup(app)).toEqual([]);
        };
        const [column = '', name = '', prompt = ''] = [texts[5], texts[35], texts[46]];
        const file = {
          name: '<img src=x onerror=alert(1)>.jsonl',
          text: texts
            .map((text, index) => JSON.stringify({ [column]: text, label: labels[index % labels.length] }))
            .join('\n'),
        };
        await app.goTo('Data');
        await app.chooseFile(/^Choose a file/, file);
        await app.button('Save data set').waitFor();
        await shows(texts[0] ?? '');
        await app.label('Name of the data set').fill(name);
        await app.press('Save data set');
        await page.getByText('Saved.', { exact: true }).waitFor();
        await shows(name);
        await shows(column);
        await app.goTo('Data');
        await shows(name);
        await page.getByRole('link', { name, exact: true }).click();
        await app.press('New run with this data');
        await app.setPrompts([prompt, 'Name the colour.']);
        await app.chooseOptimizer('Contrastive');
        await app.label('Name of the run').fill(name);
        await app.fill({
          'Training rows': texts.length - 16, // every row is asked about
          'Validation rows': 10,
          'Test rows': 6,
          Rounds: 2,
          'New prompts per round': 1,
        });
        await app.setServer({ baseUrl: server.baseUrl, model: texts[6] ?? '' });
        await showsSome();

        // refusals in the words of a server
        for (const text of texts.filter((_, index) => index % 5 === 0)) {
          server.set({ fault: () => ({ status: 422, body: { error: { message: text } } }) });
          await app.press('Test connection');
          await page
            .getByRole('alert')
            .getByText(text.split('.')[0] ?? '')
            .first()
            .waitFor();
          await shows(text);
        }
        server.set({ fault: () => undefined });
        await app.press('Test connection');
        await page.getByText('It answers', { exact: true }).waitFor();
        await app.start();
        await app.untilState('Finished');
        await shows(name);

        await app.showTab('Curve');
        await shows(name);
        const prompts = await app.showTab('Prompts');
        await prompts.getByRole('rowheader').first().getByRole('button').click();
        await prompts.getByRole('heading').first().waitFor();
        for (const fold of await prompts.locator('details > summary').all()) await fold.click();
        expect(await markup(app)).toEqual([]);
        const rounds = await app.showTab('Rounds');
        for (const fold of await rounds.locator('details > summary').all()) await fold.click();
        await showsSome();
        await app.showTab('Result');
        expect(await markup(app)).toEqual([]);
        await app.showTab('Guess');
        expect(await markup(app)).toEqual([]);
        for (const place of ['Home', 'Runs', 'Settings'] as const) {
          await app.goTo(place);
          await app.page.getByRole('heading', { level: 1 }).waitFor();
          if (place !== 'Settings') await shows(name);
          expect(await markup(app)).toEqual([]);
        }
      },
      { servers: [server], expected: [/status of 422/] },
    );
    expect(evil.calls).toEqual([]);
    // M13: a text of a row is data, whatever marks it holds
    const sent = server.completions.map(({ body }) => JSON.stringify(body)).join('\n');
    expect(texts.filter((text) => !sent.includes(JSON.stringify(text).slice(1, -1)))).toEqual([]);
  } finally {
    await Promise.all([server.close(), evil.close()]);
  }
});

it('M13: marks of a template in a row or in an answer are sent as they stand, never filled in', async () => {
  const server = await startOpenAiServer({ answer: () => ({ text: 'red {{secret}} {{label}} {{>prompt}}' }) });
  const rows = Array.from(
    { length: 24 },
    (_, n) => `message ${n} {{secret}} {{>prompt}},secret-${n},${n % 2 ? 'red' : 'blue'}`,
  );
  try {
    await visit(
      async (app) => {
        await app.importFile({ name: 'marks.csv', text: ['text,secret,label', ...rows, ''].join('\n') });
        await app.press('New run with this data');
        await app.setPrompts(['Name the colour.']);
        await app.chooseOptimizer('Contrastive');
        await app.fill({
          'Training rows': 8,
          'Validation rows': 4,
          'Test rows': 4,
          Rounds: 1,
          'New prompts per round': 1,
        });
        const template = app.page.getByLabel('User message', { exact: true });
        await template.fill('{{>prompt}}\n{{text}}');
        await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
        await app.start();
        await app.page.locator('main header .badge', { hasText: /Finished|Waiting|Stalled|needs/i }).waitFor();
      },
      { servers: [server] },
    );
    const sent = server.completions.map(({ body }) => JSON.stringify(body));
    expect(sent.some((text) => /message \d+ \{\{secret\}\} \{\{>prompt\}\}/.test(text))).toBe(true);
    expect(sent.filter((text) => /secret-\d/.test(text))).toEqual([]);
  } finally {
    await server.close();
  }
});
