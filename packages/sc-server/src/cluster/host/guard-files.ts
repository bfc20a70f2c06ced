import { watch } from 'node:fs';
import { lstat, readdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Interval for updating file times. Cleaners of temporary files remove files that are days old. */
const touchMs = 3_600_000;
/** Interval of checks in addition to file system notifications, which not every file system supports. */
const checkMs = 10_000;
const settleMs = 50;

/** Watches the directory and its parent, by notifications and by polling. Returns a function that stops. */
export function guardFiles(path: string, controlPath: string, make: () => void, onLoss: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const later = () => {
    settling ??= setTimeout(() => void check(), settleMs);
  };
  const check = async () => {
    settling = undefined;
    const isHere = await Promise.all([path, controlPath].map(exists));
    if (!isHere[0]) {
      try {
        make();
      } catch {
        return; // Retried at the next check.
      }
      watchDirectories();
    }
    onLoss();
  };
  let watchers: { close(): void }[] = [];
  const watchDirectories = () => {
    for (const watcher of watchers) watcher.close();
    watchers = [path, dirname(path)].flatMap((directory) => {
      try {
        const watcher = watch(directory, { persistent: false }, (event) => {
          if (event === 'rename') later();
        });
        watcher.on('error', () => watcher.close());
        return [watcher];
      } catch {
        return []; // Polling remains.
      }
    });
  };
  watchDirectories();
  const checks = setInterval(() => void check(), checkMs).unref();
  const touches = setInterval(() => {
    for (const one of [path, dirname(path), controlPath]) touch(one);
    void readdir(path).then(
      (names) => names.forEach((name) => touch(join(path, name))),
      () => undefined,
    );
  }, touchMs).unref();
  return () => {
    clearTimeout(settling);
    clearInterval(checks);
    clearInterval(touches);
    for (const watcher of watchers) watcher.close();
  };
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function touch(path: string): void {
  const now = new Date();
  // The check detects missing files.
  utimes(path, now, now).catch(() => undefined);
}
