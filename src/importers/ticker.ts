import type { ImportProgress } from '#core/import.ts';

const leastStep = 0.02;

/** Passes progress on only when it moved by a fiftieth of the file, so that a fast file does not flood the page with messages. */
export function createTicker(onProgress: (progress: ImportProgress) => void): (progress: ImportProgress) => void {
  let last = 0;
  return (progress) => {
    if (progress.share - last < leastStep && progress.share < 1) return;
    last = progress.share;
    onProgress(progress);
  };
}
