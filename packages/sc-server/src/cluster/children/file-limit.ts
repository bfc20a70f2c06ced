import { readFileSync } from 'node:fs';

/** Files that a process needs beside its connections: links, logs, libraries. */
const otherFiles = 48;
/** File descriptors per connection in a balancer: one to the client, one to the worker. */
const filesEach = 2;

/**
 * The maximum number of connections of a balancer, from the limit of open files (`ulimit -n`). Beyond it, no
 * descriptors would be left for connections to workers, and no client could be served. Returns nothing if the system
 * does not report the limit.
 */
export function mostConnections(readLimits = readLimitsOfProcess): { readonly maxConnections?: number } {
  const files = Number(/^Max open files\s+(\d+)/m.exec(readLimits())?.[1]);
  // Without a limit the word `unlimited` stands there.
  if (Number.isNaN(files)) return {};
  return { maxConnections: Math.max(1, Math.floor((files - otherFiles) / filesEach)) };
}

function readLimitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // Only Linux has it.
  }
}
