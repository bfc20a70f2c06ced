import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { clusterTable, findClusters } from 'sc-server/tools';
import type { Finding } from './finding.js';

const leastNode = [20, 19] as const;
const fewFiles = 4096;
const workerBytes = 100 * 1_048_576;
/** Clock settings before this date invalidate certificates and tokens. */
const earliestClock = Date.UTC(2026, 0, 1);

/** Checks this machine. */
export async function checkHost(options: Readonly<Record<string, unknown>>): Promise<Finding[]> {
  return [
    checkNode(process.versions.node),
    ...checkFiles(openFilesLimit()),
    checkMemory(options),
    await checkPort(options),
    checkClock(),
  ];
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return fits
    ? { name: 'node', state: 'ok', message: `version ${version}` }
    : {
        name: 'node',
        state: 'failure',
        message: `version ${version} is too old; ${leastNode.join('.')} or later is needed`,
      };
}

/** Each client uses a file descriptor, and so does each of its relayed connections. */
export function checkFiles(limit: number | undefined): Finding[] {
  if (limit === undefined) return [];
  const message = limit === Infinity ? 'no limit' : `${limit} open files`;
  return [
    limit < fewFiles
      ? { name: 'ulimit', state: 'warning', message: `${message} allow fewer clients in a process; raise ulimit -n` }
      : { name: 'ulimit', state: 'ok', message },
  ];
}

function openFilesLimit(): number | undefined {
  if (process.platform === 'win32') return undefined;
  const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? Infinity : Number(text);
}

function checkMemory({ workers = clusterTable.workers.default }: Readonly<Record<string, unknown>>): Finding {
  const count = workers === 'auto' ? availableParallelism() : Number(workers);
  const limit = process.constrainedMemory();
  // An absent limit is reported as a number larger than the memory.
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const megabytes = Math.round(total / 1_048_576);
  const message = `${megabytes} MB, ${Math.round(freemem() / 1_048_576)} MB free, ${count} workers`;
  return total < count * workerBytes
    ? { name: 'memory', state: 'warning', message: `${message}: little for so many` }
    : { name: 'memory', state: 'ok', message };
}

async function checkPort({
  port = clusterTable.port.default,
  host,
}: Readonly<Record<string, unknown>>): Promise<Finding> {
  const wanted = Number(port);
  const code = await listenOnce(wanted, typeof host === 'string' ? host : undefined);
  if (code === undefined) return { name: 'port', state: 'ok', message: `${wanted} is free` };
  if (code !== 'EADDRINUSE') {
    const why = code === 'EACCES' ? 'is not for this user' : `cannot be used (${code})`;
    return { name: 'port', state: 'failure', message: `${wanted} ${why}` };
  }
  const own = (await findClusters()).find(({ status }) => status.port === wanted);
  return own === undefined
    ? { name: 'port', state: 'failure', message: `${wanted} is in use` }
    : {
        name: 'port',
        state: 'ok',
        message: `${wanted} is in use by ${own.status.appName} (${own.status.supervisor.pid}), which runs already`,
      };
}

/** Why the port cannot be opened; `undefined` if it can. */
function listenOnce(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen({ port, ...(host !== undefined && { host }) }, () => server.close(() => resolve(undefined)));
  });
}

function checkClock(now = Date.now()): Finding {
  const message = new Date(now).toISOString();
  return now < earliestClock
    ? {
        name: 'clock',
        state: 'failure',
        message: `${message} has long been over: tokens and certificates will not count`,
      }
    : { name: 'clock', state: 'ok', message };
}
