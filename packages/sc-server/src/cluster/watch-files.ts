import { unwatchFile, watchFile } from 'node:fs';

/** How often a file is looked at. Looking works on every file system and through links, where being told may not. */
const intervalMs = 1_000;
/** A key and its certificate are rarely written in one instant. */
const settleMs = 300;

/** Calls back when any of the files has changed and nothing followed for a moment. Returns a function that stops. */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const listener = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
  };
  for (const file of files) watchFile(file, { interval: intervalMs, persistent: false }, listener);
  return () => {
    clearTimeout(timer);
    for (const file of files) unwatchFile(file, listener);
  };
}
