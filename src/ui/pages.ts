import type { Component } from 'svelte';
import type { PageId, Route } from '#state/route.svelte.ts';

/** A page, or a page about one thing. */
type Loaded =
  | { readonly Plain: Component; readonly WithId?: never }
  | { readonly Plain?: never; readonly WithId: Component<{ id: string }> };

type PageName = PageId | 'dataset' | 'run';
type PageEntry = { readonly title: string; readonly load: () => Promise<Loaded> };

/** The pages by address. Each is loaded when it is first shown: the first load carries the shell alone. */
const pages: Readonly<Record<PageName, PageEntry>> = {
  home: { title: '', load: async () => ({ Plain: (await import('./pages/HomePage.svelte')).default }) },
  data: { title: 'Data', load: async () => ({ Plain: (await import('./pages/DataPage.svelte')).default }) },
  dataset: { title: 'Data set', load: async () => ({ WithId: (await import('./pages/DatasetPage.svelte')).default }) },
  new: { title: 'New run', load: async () => ({ Plain: (await import('./pages/NewRunPage.svelte')).default }) },
  runs: { title: 'Runs', load: async () => ({ Plain: (await import('./pages/RunsPage.svelte')).default }) },
  run: { title: 'Run', load: async () => ({ WithId: (await import('./pages/RunPage.svelte')).default }) },
  settings: { title: 'Settings', load: async () => ({ Plain: (await import('./pages/SettingsPage.svelte')).default }) },
};

function nameOf({ page, id }: Route): PageName {
  if (id === undefined) return page;
  return page === 'runs' ? 'run' : page === 'data' ? 'dataset' : page;
}

/** Changes where one page takes the place of another; parts of a page, such as its tabs, do not count. */
export const pageKey = (route: Route): string => `${nameOf(route)}/${route.id ?? ''}`;

export const pageTitle = (route: Route): string =>
  [pages[nameOf(route)].title, 'Automated Prompt Generator'].filter(Boolean).join(' · ');

export const loadPage = (route: Route): Promise<Loaded> => pages[nameOf(route)].load();
