import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ClientTlsOptions } from 'ndata-store';
import { InvalidOptionsError } from 'sc-protocol';
import { Refusals, refuseUnknown, text, value, type OptionsOf } from 'sc-protocol/kit';
import { listFromText } from '../../kit/options/from-text.js';

/** Declarations of the options for stores that several hosts share. */
export const sharedStoreTable = {
  /**
   * Stores that this cluster shares with other hosts, as `host:port` (default port 9435): each is a separately started
   * [`ndata-store`](guide/scaling.md#shared-stores). The cluster then starts no stores of its own. All hosts must name
   * the same stores in the same spelling; the order does not matter. Needs `storeSecretFile`.
   * @default none: the cluster runs its own stores
   */
  storeAddresses: value<readonly string[]>({ fromText: listFromText, check: addressesProblem }),
  /** File with the secret of the shared stores, at least 32 bytes, read at the start. */
  storeSecretFile: text({ check: (path) => (path === '' ? 'must not be empty' : undefined) }),
  /**
   * Encrypts the links to the shared stores with TLS: `{ ca }` with the authority that signed their certificates, plus
   * `cert` and `key` if they require client certificates, all in PEM format; `true` if Node trusts the authority by
   * default. The certificates must be valid for the names in `storeAddresses`, or for `servername`.
   * @default links are not encrypted
   */
  storeTls: value<ClientTlsOptions | true | (() => ClientTlsOptions)>({
    check: (tls) =>
      tls === true || typeof tls === 'function' || (typeof tls === 'object' && tls !== null)
        ? undefined
        : 'must be an object or true',
    secret: true,
    parts: [
      { name: 'ca', type: 'text' },
      { name: 'cert', type: 'text' },
      { name: 'key', type: 'text' },
      { name: 'passphrase', type: 'text' },
    ],
  }),
};

/** Location and secrets of the stores that several hosts share. */
export interface SharedStoreOptions extends OptionsOf<typeof sharedStoreTable> {}

/** Stores that run as separate programs, in an order that all hosts derive from their addresses. */
export interface SharedStores {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly secret: string;
  readonly tls: ClientTlsOptions | true | undefined;
}

const defaultPort = 9435;
const minSecretBytes = 32;

/** Options of the cluster's own stores, and the equivalent for the program `ndata-store`. */
const ownStoreOptions: Readonly<Record<string, string>> = {
  stores: 'start as many ndata-store as there are addresses',
  storeController: 'use `ndata-store --controller`',
  storeOptions: 'configure the controller of the shared stores',
  storeDebugPort: 'use `node --inspect` for the shared stores',
  storeFolder: 'use `ndata-store --persist`',
  storeFsync: 'use `ndata-store --fsync`',
  maxStoreMemoryBytes: 'use `ndata-store --max-memory`',
  storeMemoryPolicy: 'use `ndata-store --evict-volatile`',
  maxStoreValueBytes: 'it is a limit of the shared stores',
  maxStorePendingBytes: 'it is a limit of the shared stores',
  maxStoreStreams: 'it is a limit of the shared stores',
  maxHistoryBytes: 'use `ndata-store --max-history`',
  channels: 'give the rules to every shared store, by `ndata-store --channels`',
};

/** Checks the options. Returns `undefined` if the cluster runs its own stores. Throws `InvalidOptionsError`. */
export function resolveSharedStores(options: SharedStoreOptions): SharedStores | undefined {
  const { storeAddresses, storeSecretFile } = options;
  if (storeAddresses === undefined) {
    for (const name of ['storeSecretFile', 'storeTls'] as const) {
      if (options[name] !== undefined) throw refusal(name, 'needs storeAddresses, which is not given');
    }
    return undefined;
  }
  const refusals = new Refusals();
  for (const [name, instead] of Object.entries(ownStoreOptions)) {
    if ((options as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    refusals.add(refusal(name, `has no effect with storeAddresses: ${instead}`));
  }
  refusals.throwAny();
  if (storeSecretFile === undefined) throw refusal('storeAddresses', 'needs storeSecretFile, which is not given');
  // Sort, so that every host assigns the same positions regardless of the order of its list.
  const addresses = storeAddresses
    .map(parseAddress)
    .sort((one, other) => compare(one.host, other.host) || one.port - other.port);
  return { addresses, secret: readSecret(storeSecretFile), tls: portableTls(options.storeTls) };
}

/** Returns the name of a store in the status of a client. */
export function storeName({ host, port }: SharedStores['addresses'][number]): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Reports whether any link to a store leaves the machine. */
export function isRemote({ addresses }: SharedStores): boolean {
  return addresses.some(({ host }) => !/^(localhost|::1|127\.[\d.]+)$/.test(host));
}

function addressesProblem(addresses: unknown): string | undefined {
  if (!Array.isArray(addresses) || addresses.length === 0 || addresses.length > 256) {
    return 'must be an array of 1 to 256 addresses such as "stores-1:9435"';
  }
  const seen = new Set<string>();
  for (const address of addresses as readonly unknown[]) {
    const parsed = typeof address === 'string' ? tryParse(address) : undefined;
    if (parsed === undefined) return `must contain addresses such as "stores-1:9435" or "[2001:db8::1]:9435"`;
    const name = `${parsed.host} ${parsed.port}`;
    if (seen.has(name)) return `must not name a store twice (${String(address)})`;
    seen.add(name);
  }
  return undefined;
}

function parseAddress(address: string): { host: string; port: number } {
  const parsed = tryParse(address);
  if (parsed === undefined) throw refusal('storeAddresses', `cannot contain ${address}`);
  return parsed;
}

function tryParse(address: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(address.trim());
  if (match === null) return undefined;
  const [, v6, name, portText] = match;
  const host = (v6 ?? name ?? '').toLowerCase();
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  return { host, port };
}

function readSecret(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw refusal('storeSecretFile', `cannot be read: ${(cause as Error).message}`);
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes >= minSecretBytes) return secret;
  throw refusal('storeSecretFile', `must contain at least ${minSecretBytes} bytes, got ${bytes}`);
}

/** Converts buffers to text, because messages between processes turn buffers into plain objects. */
function portableTls(given: SharedStoreOptions['storeTls']): SharedStores['tls'] {
  const tls = typeof given === 'function' ? given() : given;
  if (tls === undefined || tls === true) return tls;
  refuseUnknown(tls, ['ca', 'cert', 'key', 'passphrase', 'servername'], { of: 'SocketCluster', prefix: 'storeTls.' });
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw refusal('storeTls', 'must contain cert and key together');
  }
  try {
    createSecureContext(tls as object);
  } catch (error) {
    throw refusal('storeTls', `cannot be used: ${(error as Error).message}`);
  }
  const portable = Object.entries(tls).map(([name, part]) => [
    name,
    Array.isArray(part) ? part.map(String) : part === undefined ? undefined : String(part),
  ]);
  return Object.fromEntries(portable) as ClientTlsOptions;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function refusal(option: string, problem: string): InvalidOptionsError {
  return new InvalidOptionsError(`\`${option}\` ${problem}`, { option });
}
