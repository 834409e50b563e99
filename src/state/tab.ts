import { readTabNote, writeTabNote } from '#storage/index.ts';

/** This tab among the tabs of the app. */
export interface Tab {
  /** What the tab noted last, also before it was loaded again. */
  read(): string | undefined;
  note(name: string): void;
  /** Has the name for this tab until it is closed or left; false while another tab has it. */
  hold(name: string): Promise<boolean>;
  /** Does this while no other tab does. */
  alone(work: () => Promise<void>): Promise<void>;
  /** A name that no other tab has had. */
  freshName(): string;
}

const lockOf = (name: string): string => `automated-prompt-generator:tab:${name}`;

const held = new Map<string, Promise<boolean>>();

function hold(name: string): Promise<boolean> {
  const got =
    held.get(name) ??
    new Promise<boolean>((answer) => {
      navigator.locks
        .request(lockOf(name), { ifAvailable: true }, (lock) => {
          answer(lock !== null);
          if (lock) return untilLeft().then(() => void held.delete(name));
          held.delete(name); // it may be free the next time
          return undefined;
        })
        .catch(() => answer(true)); // where the browser refuses, it refuses all tabs
    });
  held.set(name, got);
  return got;
}

/** A page that the browser keeps for the way back would keep what it holds from others, and may not be kept at all. */
const untilLeft = (): Promise<unknown> => new Promise((left) => addEventListener('pagehide', left, { once: true }));

export const thisTab: Tab = {
  read: readTabNote,
  note: writeTabNote,
  hold,
  alone: async (work) => {
    await navigator.locks.request(lockOf('drafts'), work);
  },
  freshName: () => crypto.randomUUID(),
};
