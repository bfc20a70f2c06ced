import { readFileSync } from 'node:fs';

/** Files that a process needs beside its connections: links, logs, libraries. */
const otherFiles = 48;
/** What a connection takes in a balancer: one file towards the client, one towards the worker. */
const filesEach = 2;

/**
 * How many connections a balancer may have by the limit of open files (`ulimit -n`). With more of them there would be
 * no file left to reach a worker by, and none of them would be served. Nothing where the system does not tell.
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
