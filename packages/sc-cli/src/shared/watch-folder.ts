import { watch } from 'node:fs';

const ignored = /(^|[\\/])(node_modules|\.[^\\/]+|dist|coverage)[\\/]/;
/**
 * Source files of an app. Watching files that the app writes at run time, such as a log, would restart it endlessly.
 */
const watched = /\.([cm]?[jt]sx?|json|html|css|svg)$/;
const quietMs = 150;

/** Calls back once for each burst of changes in a folder, one call after the other. */
export function watchFolder(folder: string, onChange: (file: string) => Promise<void>): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file === null || ignored.test(file) || !watched.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => onChange(file));
    }, quietMs);
  });
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
