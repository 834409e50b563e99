import type { Exchange, Listener } from './listener.ts';
import type { FaultServer } from './server.ts';
import type { FaultServerConfig, Rule } from './types.ts';

/**
 * Orders to a running server, by POST to /__ctl/…: `rules` (the list) and `config` (fields to change) with JSON as body; `drop`,
 * `reset`; `stop` (nobody listens) and `pause` (nothing is answered) with `{"forMs": 3000}`. `ledger` and `summary` are read by GET.
 * They stand in no ledger.
 */
export async function admin(
  order: string,
  raw: string,
  server: FaultServer,
  { response, connection }: Exchange,
  listener: Listener,
): Promise<void> {
  const say = (status: number, value: unknown): void => {
    const text = Buffer.from(`${JSON.stringify(value)}\n`);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(text.byteLength) });
    response.end(text);
  };
  try {
    switch (order) {
      case 'ledger': {
        say(200, server.ledger);
        return;
      }
      case 'summary': {
        say(200, server.summary());
        return;
      }
      case 'rules':
        server.set({ rules: JSON.parse(raw) as readonly Rule[] });
        break;
      case 'config':
        server.set(JSON.parse(raw) as Partial<FaultServerConfig>);
        break;
      case 'drop':
        listener.drop(connection);
        break;
      case 'reset':
        server.reset();
        break;
      case 'pause':
        server.pause();
        setTimeout(() => server.resume(), forMs(raw, 5000));
        break;
      case 'stop': {
        say(200, { ok: true });
        await new Promise((resolve) => response.on('finish', () => resolve(undefined)));
        await server.stop();
        setTimeout(() => void server.start(), forMs(raw, 5000));
        return;
      }
      default: {
        say(404, { error: `There is no order “${order}”.` });
        return;
      }
    }
    say(200, { ok: true });
  } catch (error) {
    say(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

const forMs = (raw: string, otherwise: number): number =>
  raw === '' ? otherwise : ((JSON.parse(raw) as { forMs?: number }).forMs ?? otherwise);
