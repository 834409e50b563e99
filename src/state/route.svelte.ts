/** Pages by the hash of the address: `#/runs/ID/prompts/PROMPT` → page `runs`, argument `ID`, part `prompts`, item `PROMPT`. */
export type Route = { readonly page: PageId; readonly id?: string; readonly part?: string; readonly item?: string };
export type PageId = 'home' | 'data' | 'new' | 'runs' | 'settings';
const pages: readonly PageId[] = ['home', 'data', 'new', 'runs', 'settings'];

export function parseRoute(hash: string): Route {
  const [page = '', id, part, item] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  const known = pages.find((name) => name === page) ?? 'home';
  return { page: known, ...(id ? { id } : {}), ...(part ? { part } : {}), ...(item ? { item } : {}) };
}

/** An address that was typed or cut off may hold no percent code: it is then taken as it is. */
function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

export const printRoute = ({ page, id, part, item }: Route): string =>
  `#/${[page === 'home' ? '' : page, id, part, item]
    .filter((piece) => piece !== undefined && piece !== '')
    .map((piece) => encodeURIComponent(piece ?? ''))
    .join('/')}`;

export class Router {
  #route = $state.raw<Route>({ page: 'home' });
  readonly #window: Pick<Window, 'location' | 'addEventListener'>;

  constructor(where: Pick<Window, 'location' | 'addEventListener'> = window) {
    this.#window = where;
    this.#route = parseRoute(where.location.hash);
    where.addEventListener('hashchange', () => {
      this.#route = parseRoute(where.location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    this.#window.location.hash = printRoute(route);
    this.#route = route;
  }
}
