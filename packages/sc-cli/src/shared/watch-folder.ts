import { relative } from 'node:path';
import { watch } from 'chokidar';

const ignored = /(^|[\\/])(node_modules|\.[^\\/]+|dist|coverage)([\\/]|$)/;
/**
 * Source files of an app. Watching files that the app writes at run time, such as a log, would restart it endlessly.
 */
const watched = /\.([cm]?[jt]sx?|json|html|css|svg)$/;
const quietMs = 150;

/** A folder that is watched. */
export interface WatchedFolder {
  /** Resolves when the watcher is active. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Calls back once for each burst of changes in a folder, with the absolute paths of all files changed, added or
 * removed. Calls do not overlap; changes during a call cause one more call.
 */
export function watchFolder(folder: string, onChange: (files: readonly string[]) => Promise<void>): WatchedFolder {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isCalling = false;
  let isClosed = false;
  const watcher = watch(folder, {
    ignoreInitial: true,
    // Editors save by replacing the file: report one change instead of a removal and an addition.
    atomic: true,
    ignored: (path, stats) => ignored.test(relative(folder, path)) || (stats?.isFile() === true && !watched.test(path)),
  });
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    changed.add(path);
    schedule();
  });
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));

  function schedule(): void {
    clearTimeout(timer);
    if (!isClosed && !isCalling) timer = setTimeout(() => void call(), quietMs);
  }

  async function call(): Promise<void> {
    const files = [...changed];
    changed.clear();
    isCalling = true;
    try {
      await onChange(files);
    } finally {
      isCalling = false;
      if (changed.size > 0) schedule();
    }
  }

  return {
    ready,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
