import type { TlsOptions } from 'node:tls';
import { InvalidOptionsError } from 'sc-protocol';
import { givenOptions } from 'sc-protocol/kit';
import { checkNames, checkNumber, checkSecret } from '../option-rules.js';
import { storeOptionNames } from '../store-host.js';
import type { StoreOptions } from '../store-host.js';
import { toServerTls } from '../tls-options.js';
import type { ServerTlsOptions } from '../tls-options.js';

/** Options of a store server: its address, its limits and its store. */
export interface NdataServerOptions extends StoreOptions {
  /** Path of a unix socket (or a Windows pipe). The folder is created with mode 0700, the socket with 0600. */
  readonly socketPath?: string;
  /** TCP port, used without a `socketPath`; 0 lets the OS choose. @default 9435 */
  readonly port?: number;
  /** TCP host. A host other than loopback requires a `secret`. @default '127.0.0.1' */
  readonly host?: string;
  /** Secret that clients must have, at least 32 bytes. It is never transmitted. @default none */
  readonly secret?: string;
  /** Encrypts TCP links; with `ca`, clients must present a certificate. @default none: links are not encrypted */
  readonly tls?: ServerTlsOptions;
  /** Maximum number of clients; further ones are refused. @default 1024 */
  readonly maxClients?: number;
  /** Milliseconds for a client to log in. If this process was blocked, the delay is added once. @default 2000 */
  readonly loginTimeoutMs?: number;
  /** Maximum number of clients that are logging in at a time; further ones are refused. @default 128 */
  readonly maxPendingLogins?: number;
  /**
   * Maximum number of bytes of publications queued for one client. Further ones are dropped, and the client is notified
   * of their number per channel; replies are still sent. Clients that wait for the same large publication share its
   * bytes. @default 67108864
   */
  readonly maxPendingBytes?: number;
  /** Milliseconds without a read after which a client with queued data is disconnected. @default 60000 */
  readonly readTimeoutMs?: number;
  /**
   * Number of clients of the previous store process, which reconnect automatically. Their queued calls and publications
   * are accepted when all of them have resubscribed, at the latest after 1 second if the missing clients have not
   * connected and after 3 seconds otherwise. @default 0
   */
  readonly returningClients?: number;
}

export interface ResolvedServerOptions {
  readonly listen: { readonly path: string } | { readonly port: number; readonly host: string };
  readonly secret: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly maxClients: number;
  readonly loginTimeoutMs: number;
  readonly maxPendingLogins: number;
  readonly maxPendingBytes: number;
  readonly readTimeoutMs: number;
  readonly returningClients: number;
}

const defaults = {
  maxClients: 1024,
  loginTimeoutMs: 2000,
  maxPendingLogins: 128,
  maxPendingBytes: 64 * 1024 * 1024,
  readTimeoutMs: 60_000,
} satisfies NdataServerOptions;

export function resolveServerOptions(given: NdataServerOptions): ResolvedServerOptions {
  const options = givenOptions(given);
  checkNames(options, [
    'socketPath',
    'port',
    'host',
    'secret',
    'tls',
    'returningClients',
    ...Object.keys(defaults),
    ...storeOptionNames,
  ]);
  checkSecret(options.secret);
  const resolved = {
    secret: options.secret,
    tls: options.tls === undefined ? undefined : (toServerTls(options.tls) as TlsOptions),
    maxClients: options.maxClients ?? defaults.maxClients,
    loginTimeoutMs: options.loginTimeoutMs ?? defaults.loginTimeoutMs,
    maxPendingLogins: options.maxPendingLogins ?? defaults.maxPendingLogins,
    maxPendingBytes: options.maxPendingBytes ?? defaults.maxPendingBytes,
    readTimeoutMs: options.readTimeoutMs ?? defaults.readTimeoutMs,
    returningClients: options.returningClients ?? 0,
  };
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) checkNumber(name, resolved[name], 1);
  checkNumber('returningClients', resolved.returningClients, 0);
  return { ...resolved, listen: resolveListen(options) };
}

function resolveListen(options: NdataServerOptions): ResolvedServerOptions['listen'] {
  const { socketPath, port = 9435, host = '127.0.0.1', secret } = options;
  if (socketPath !== undefined) {
    if (options.port !== undefined || options.host !== undefined || options.tls !== undefined) {
      throw new InvalidOptionsError('`socketPath` stands alone: `port`, `host` and `tls` are for TCP', {
        option: 'socketPath',
      });
    }
    if (typeof socketPath === 'string' && socketPath !== '') return { path: socketPath };
    throw new InvalidOptionsError('`socketPath` must be a path', { option: 'socketPath' });
  }
  checkNumber('port', port, 0, 65_535);
  if (options.unsafeQueryFunctions === true && secret === undefined) {
    throw new InvalidOptionsError('`unsafeQueryFunctions` must not be on for TCP without a `secret`', {
      option: 'unsafeQueryFunctions',
    });
  }
  if (secret === undefined && !isLoopback(host)) {
    throw new InvalidOptionsError(`\`host\` must be a loopback address unless there is a \`secret\`, got ${host}`, {
      option: 'host',
    });
  }
  return { port, host };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
