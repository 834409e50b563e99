/** Pages by the hash of the address: `#/runs/ID/prompts` → page `runs`, argument `ID`, part `prompts`. */
export type Route = { readonly page: PageId; readonly id?: string; readonly part?: string };
export type PageId = 'home' | 'data' | 'new' | 'runs' | 'settings';
const pages: readonly PageId[] = ['home', 'data', 'new', 'runs', 'settings'];

export function parseRoute(hash: string): Route {
  const [page = '', id, part] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map((piece) => decodeURIComponent(piece));
  const known = pages.find((name) => name === page) ?? 'home';
  return { page: known, ...(id ? { id } : {}), ...(part ? { part } : {}) };
}

export const printRoute = ({ page, id, part }: Route): string =>
  `#/${[page === 'home' ? '' : page, id, part]
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
