import { readFileSync } from 'node:fs';

export interface FileUse {
  /** File descriptors per connection. */
  readonly filesEach: number;
  /** Files for everything except connections: links, logs, libraries. At most half of the limit. */
  readonly otherFiles: number;
}

/**
 * Returns the maximum number of connections of a process, from the limit of open files (`ulimit -n`). Without it, Node
 * would close connections without a count or a log entry when no descriptors are left. Returns an empty object if the
 * system does not report the limit.
 */
export function maxConnections(
  { filesEach, otherFiles }: FileUse,
  readLimits = readLimitsOfProcess,
): { readonly maxConnections?: number } {
  const files = Number(/^Max open files\s+(\d+)/m.exec(readLimits())?.[1]);
  // The value is `unlimited` if there is no limit.
  if (Number.isNaN(files)) return {};
  const left = files - Math.min(otherFiles, files / 2);
  return { maxConnections: Math.max(1, Math.floor(left / filesEach)) };
}

function readLimitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // Only Linux has this file.
  }
}
