import type { Readable, Writable } from 'node:stream';

type Answer = { readonly id?: number; readonly result?: Readonly<Record<string, unknown>>; readonly error?: unknown };
type Values = Readonly<Record<string, unknown>>;

/** A browser's own tools over a pipe. A page that is reached in this way may be hidden and frozen, which one held by the test driver cannot. */
export class BrowserPipe {
  readonly #output: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;
  #rest = '';

  constructor(output: Writable, input: Readable) {
    this.#output = output;
    output.on('error', () => undefined); // it dies with the browser
    input.setEncoding('utf8').on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop() ?? '';
      for (const message of messages) {
        const answer = JSON.parse(message) as Answer;
        if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
      }
    });
  }

  async send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
    const id = ++this.#count;
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#output.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
    this.#waiting.delete(id);
    if (!result) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Opens a tab in front of the others. */
  async open(url: string): Promise<PipedTab> {
    const { targetId } = await this.send('Target.createTarget', { url });
    await this.send('Target.activateTarget', { targetId });
    return this.#attach(targetId);
  }

  /** The tab whose address begins so. */
  async tab(address: string): Promise<PipedTab> {
    const { targetInfos } = await this.send('Target.getTargets');
    const tabs = targetInfos as readonly { readonly type: string; readonly url: string; readonly targetId: string }[];
    const found = tabs.find(({ type, url }) => type === 'page' && url.startsWith(address));
    if (!found) throw new Error(`no tab at ${address}`);
    return this.#attach(found.targetId);
  }

  async #attach(targetId: unknown): Promise<PipedTab> {
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return new PipedTab((method, params) => this.send(method, params, String(sessionId)));
  }
}

export class PipedTab {
  readonly #send: (method: string, params: Values) => Promise<Values>;

  constructor(send: (method: string, params: Values) => Promise<Values>) {
    this.#send = send;
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return (result as { readonly value?: unknown }).value;
  }
  async setState(state: 'frozen' | 'active'): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state });
  }
}
