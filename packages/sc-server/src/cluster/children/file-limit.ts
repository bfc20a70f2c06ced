import { readFileSync } from 'node:fs';

export interface FileUse {
  /** File descriptors per connection. */
  readonly filesEach: number;
  /** Files that the process needs beside its connections: links, logs, libraries. At most half of the limit. */
  readonly otherFiles: number;
}

/**
 * The maximum number of connections of a process, from the limit of open files (`ulimit -n`). Without it, a process
 * that has no descriptor left would close connections without a count or a log entry: Node does that by itself.
 * Returns nothing if the system does not report the limit.
 */
export function maxConnections(
  { filesEach, otherFiles }: FileUse,
  readLimits = readLimitsOfProcess,
): { readonly maxConnections?: number } {
  const files = Number(/^Max open files\s+(\d+)/m.exec(readLimits())?.[1]);
  // Without a limit the word `unlimited` stands there.
  if (Number.isNaN(files)) return {};
  const left = files - Math.min(otherFiles, files / 2);
  return { maxConnections: Math.max(1, Math.floor(left / filesEach)) };
}

function readLimitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // Only Linux has it.
  }
}
