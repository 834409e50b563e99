import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Ways to make script or markup of text. None is needed, so none is there: not even in the two files that a reviewer knows. */
const sinks: Readonly<Record<string, RegExp>> = {
  '{@html}': /\{@html\b/,
  innerHTML: /\b(?:inner|outer)HTML\b/,
  insertAdjacentHTML: /\binsertAdjacentHTML\b/,
  setHTMLUnsafe: /\bsetHTMLUnsafe\b|\bparseHTMLUnsafe\b|\bcreateContextualFragment\b/,
  'document.write': /\bdocument\.write(?:ln)?\b/,
  eval: /\beval\s*\(/,
  'new Function': /\bnew\s+Function\b/,
  'a module by a computed name': /\bimport\(\s*(?!['"])/,
  'a timer with a text': /\bset(?:Timeout|Interval)\(\s*['"`]/,
  srcdoc: /\bsrcdoc\b/,
  "postMessage('*')": /\.postMessage\([^)]*,\s*['"]\*['"]/,
  DOMParser: /\bDOMParser\b/,
  'a worker by its address': /\bnew\s+(?:Shared)?Worker\((?!trusted\.)/,
  'a style attribute': /\sstyle=["'{]/,
  'an attribute with script': /\son[a-z]+="/,
  sessionStorage: /\bsessionStorage\b/,
};

/** The name of the form that a tab fills in, and its removal: no other file writes there, so no key comes there. */
const spared: Partial<Record<keyof typeof sinks, readonly string[]>> = {
  sessionStorage: ['src/storage/tab-note.ts', 'src/storage/origin.ts'],
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, '').replace(/(^|\s)\/\/.*$/gm, '');

async function sources(): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const names = (await readdir(`${root}src`, { recursive: true })).filter((name) => /\.(?:ts|svelte)$/.test(name));
  const files = ['index.html', 'engine.html', ...names.map((name) => `src/${name}`)];
  return Promise.all(files.map(async (name) => ({ name, text: await readFile(`${root}${name}`, 'utf8') })));
}

it('P18 X05 X21: no source makes script or markup of text', async () => {
  const files = await sources();
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap(({ name, text }) =>
    Object.entries(sinks)
      .filter(([sink, pattern]) => pattern.test(withoutComments(text)) && !(spared[sink] ?? []).includes(name))
      .map(([sink]) => `${name}: ${sink}`),
  );
  expect(found).toEqual([]);
});

it('P18 X05 X21: each of these patterns finds what it is for', () => {
  const samples: Readonly<Record<keyof typeof sinks, string>> = {
    '{@html}': '<p>{@html text}</p>',
    innerHTML: 'a.innerHTML = b',
    insertAdjacentHTML: "a.insertAdjacentHTML('x', b)",
    setHTMLUnsafe: 'a.setHTMLUnsafe(b)',
    'document.write': 'document.write(a)',
    eval: 'eval(a)',
    'new Function': 'new Function(a)',
    'a module by a computed name': 'import(a)',
    'a timer with a text': "setTimeout('a()', 1)",
    srcdoc: '<iframe srcdoc={a}>',
    "postMessage('*')": "a.postMessage(b, '*')",
    DOMParser: 'new DOMParser()',
    'a worker by its address': "new Worker(new URL('a', b))",
    'a style attribute': '<p style="a">',
    'an attribute with script': '<p onclick="a()">',
    sessionStorage: 'sessionStorage.a = b',
  };
  for (const [sink, pattern] of Object.entries(sinks)) expect(pattern.test(samples[sink] ?? ''), sink).toBe(true);
});

it('X06: no link opens a window that can reach back', async () => {
  for (const { name, text } of await sources())
    for (const [tag] of text.matchAll(/<a\b[^>]*target=[^>]*>/g)) expect(tag, name).toContain('noopener');
});

it('X12: only the transport of a provider, the samples and the lines of commands talk to a network', async () => {
  const talks =
    /\b(?:fetch\(|XMLHttpRequest\b|new WebSocket\b|new EventSource\b|sendBeacon\b|new WebTransport\b|RTCPeerConnection\b)/;
  const found = (await sources()).filter(({ text }) => talks.test(withoutComments(text).replace(/\.fetch\(/g, '')));
  const spared = ['src/headless/', 'src/state/key-holder.ts']; // the latter names the ways out to close them
  const names = found.map(({ name }) => name).filter((name) => !spared.some((start) => name.startsWith(start)));
  expect(names.sort()).toEqual(['src/providers/openai/transport.ts', 'src/state/samples.ts']);
});
