import type { EngineHome } from '#state/opened-engine.ts';

/** What an engine that has nothing to do any more may still have to write down. */
const lastWordsMs = 1000;

/**
 * Opens engine.html in a hidden frame. The page itself may talk to its own host only; the frame may talk to these origins, and the
 * engine's worker inherits that. Another address later means another frame, not another page: nothing that was typed is lost.
 */
export async function openEngine(origins: readonly string[]): Promise<EngineHome> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Engine';
  frame.src = `engine.html#${encodeURIComponent(origins.join(' '))}`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  await loaded;
  const worker = workerOf(frame);
  if (!worker) {
    frame.remove();
    throw new Error('The engine of the app could not be loaded. Are you online?');
  }
  const failed = frame.contentWindow?.engineFailed;
  return {
    worker,
    ...(failed ? { failed } : {}),
    close(how) {
      // a page that is kept for the way back stands still, and its timers with it; and it is kept only with all of its frames
      if (how === 'at once') worker.terminate();
      setTimeout(() => {
        worker.terminate();
        frame.remove();
      }, lastWordsMs);
    },
  };
}

function workerOf(frame: HTMLIFrameElement): Worker | undefined {
  try {
    return frame.contentWindow?.engineWorker;
  } catch {
    return undefined; // the browser's own page of errors, which is no page of ours
  }
}
