import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { InvalidOptionsError } from 'sc-protocol';
import type { FsyncOption } from '../persist/options.js';
import type { ChannelRules } from '../rules/channel-rules.js';
import type { NdataServerOptions } from '../server/options.js';
import type { HealthOptions } from './health-server.js';

export const help = `Usage: ndata-store [options]
       ndata-store check|repair|backup|inspect FOLDER (see ndata-store check --help)

Runs a store. Without --socket or --port it listens on 127.0.0.1:9435.

  --socket <path>         listen on a unix socket, private to this user
  --port <number>         listen on TCP; 0 lets the system choose
  --host <address>        other than loopback needs a secret (default 127.0.0.1)
  --secret-file <path>    what clients must know, at least 32 bytes; or NDATA_SECRET in the environment
  --tls-cert <path>       encrypt TCP links with this certificate (PEM)
  --tls-key <path>        and its key
  --tls-ca <path>         take only clients whose certificate is signed by this authority
  --persist <folder>      keep the data in a folder
  --fsync <policy>        when writes are flushed: written (when the system likes), everySecond (default) or synced
  --compact-bytes <number>
                          log after which a snapshot replaces it (default 67108864)
  --max-memory <bytes>    refuse writes beyond about that much
  --evict-volatile        at that limit, first remove keys that have an expiry
  --max-clients <number>  default 1024
  --channels <path>       rules of channels as JSON: what each keeps of its publications
  --max-history <number>  bytes that kept publications take together (default 67108864)
  --controller <path>     a module that exports run(store)
  --id <text>             what the controller knows the store by
  --health-port <number>  answer /healthz, /readyz and /metrics by HTTP on this port; 0 for any
  --health-host <address> default 127.0.0.1
  --unsafe-query-functions
                          run functions sent by clients: they can do anything this process can
  --help                  print this
  --version               print the version

It prints one line when it listens, and ends on SIGTERM or SIGINT after it has written what it keeps.
Exit codes: 0 ended as told, 1 could not start or failed, 2 wrong usage.
`;

const known = {
  socket: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'secret-file': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  persist: { type: 'string' },
  fsync: { type: 'string' },
  'compact-bytes': { type: 'string' },
  'max-memory': { type: 'string' },
  'evict-volatile': { type: 'boolean' },
  'max-clients': { type: 'string' },
  channels: { type: 'string' },
  'max-history': { type: 'string' },
  controller: { type: 'string' },
  id: { type: 'string' },
  'health-port': { type: 'string' },
  'health-host': { type: 'string' },
  'unsafe-query-functions': { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

export type Arguments =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'serve';
      readonly options: NdataServerOptions;
      readonly controllerPath: string | undefined;
      readonly health: HealthOptions | undefined;
    };

/**
 * Parses the command line. Throws `InvalidOptionsError`. The secret comes from a file or the environment, which `ps`
 * does not show.
 */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const values = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const secret = readSecret(values['secret-file'], environment['NDATA_SECRET']);
  for (const option of ['fsync', 'compact-bytes'] as const) {
    if (values[option] !== undefined && values.persist === undefined) {
      throw new InvalidOptionsError(`--${option} needs --persist`, { option });
    }
  }
  const options: NdataServerOptions = {
    ...(values.socket !== undefined && { socketPath: values.socket }),
    ...(values.port !== undefined && { port: toNumber('port', values.port) }),
    ...(values.host !== undefined && { host: values.host }),
    ...(secret !== undefined && { secret }),
    ...readTls(values['tls-cert'], values['tls-key'], values['tls-ca']),
    ...(values.id !== undefined && { id: values.id }),
    ...(values['max-memory'] !== undefined && { maxMemoryBytes: toNumber('max-memory', values['max-memory']) }),
    ...(values['evict-volatile'] === true && { memoryPolicy: 'evict-volatile' as const }),
    ...(values['max-clients'] !== undefined && { maxClients: toNumber('max-clients', values['max-clients']) }),
    ...(values.channels !== undefined && { channels: readRules(values.channels) }),
    ...(values['max-history'] !== undefined && { maxHistoryBytes: toNumber('max-history', values['max-history']) }),
    ...(values['unsafe-query-functions'] === true && { unsafeQueryFunctions: true }),
    ...(values.persist !== undefined && {
      // The store validates the policy.
      persist: {
        folder: values.persist,
        ...(values.fsync !== undefined && { fsync: values.fsync as FsyncOption }),
        ...(values['compact-bytes'] !== undefined && {
          compactBytes: toNumber('compact-bytes', values['compact-bytes']),
        }),
      },
    }),
  };
  const health = readHealth(values['health-port'], values['health-host']);
  return { kind: 'serve', options, controllerPath: values.controller, health };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new InvalidOptionsError((error as Error).message, undefined, { cause: error });
  }
}

function readHealth(portText: string | undefined, host = '127.0.0.1'): HealthOptions | undefined {
  if (portText === undefined) {
    if (host === '127.0.0.1') return undefined;
    throw new InvalidOptionsError('--health-host needs --health-port', { option: 'health-host' });
  }
  const port = toNumber('health-port', portText);
  if (port <= 65_535) return { port, host };
  throw new InvalidOptionsError(`--health-port must be at most 65535, got ${port}`, { option: 'health-port' });
}

function toNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidOptionsError(`--${name} must be a whole number, got ${text}`, { option: name });
}

function readSecret(path: string | undefined, fromEnvironment: string | undefined): string | undefined {
  if (path === undefined) return fromEnvironment === '' ? undefined : fromEnvironment;
  return readFile('secret-file', path).replace(/\r?\n$/, '');
}

/** Reads the rules. The store validates them. */
function readRules(path: string): ChannelRules {
  try {
    return JSON.parse(readFile('channels', path)) as ChannelRules;
  } catch (error) {
    if (error instanceof InvalidOptionsError) throw error;
    throw new InvalidOptionsError(`--channels must name a JSON file: ${(error as Error).message}`, {
      option: 'channels',
    });
  }
}

function readTls(cert: string | undefined, key: string | undefined, ca: string | undefined): NdataServerOptions {
  if (cert === undefined && key === undefined && ca === undefined) return {};
  if (cert === undefined || key === undefined) {
    throw new InvalidOptionsError('--tls-cert and --tls-key must be given together', { option: 'tls' });
  }
  const tls = { cert: readFile('tls-cert', cert), key: readFile('tls-key', key) };
  return { tls: ca === undefined ? tls : { ...tls, ca: readFile('tls-ca', ca) } };
}

function readFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidOptionsError(`--${option} cannot be read: ${(error as Error).message}`, { option });
  }
}
