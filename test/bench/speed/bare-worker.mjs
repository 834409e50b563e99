// @ts-check
// The floor in a page: the bare loop in a worker, as the engine runs in one. Served as `bare-worker.js` beside `bare.js`.
/** @type {{ askBarely: (...words: any[]) => Promise<number> }} */
const { askBarely } = await import(new URL('./bare.js', import.meta.url).href);
addEventListener('message', async ({ data }) => postMessage(await askBarely(.../** @type {any} */ (data))));
postMessage('ready');
