import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Number of proxies in front of the server, or their addresses (with `/bits`). */
export type TrustProxy = number | string | readonly string[];

/** Returns the client address of a request, behind trusted proxies. */
export type ClientAddress = (request: IncomingMessage) => string | undefined;

/** Maximum number of addresses that are evaluated. */
const maxHops = 32;

/** Creates the function. Throws an `Error` whose message is the end of a sentence. */
export function createClientAddress(trustProxy: TrustProxy): ClientAddress {
  const isTrusted = createTrust(trustProxy);
  if (trustProxy === 0) return ({ socket }) => socket.remoteAddress;
  return ({ socket, headers }) => {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    let address = socket.remoteAddress;
    for (let hop = 0; hop < maxHops && isTrusted(address, hop); hop++) {
      const before = plainAddress(forwarded.pop());
      // The rest of the header is malformed.
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

/** Creates a check whether a peer address is that of a trusted proxy. Throws like `createClientAddress`. */
export function createProxyTrust(trustProxy: TrustProxy): (address: string | undefined) => boolean {
  const isTrusted = createTrust(trustProxy);
  return (address) => isTrusted(address, 0);
}

/** Creates a check whether the peer at this number of hops is trusted to report the address behind it. */
function createTrust(trustProxy: TrustProxy): (address: string | undefined, hop: number) => boolean {
  if (typeof trustProxy === 'number') {
    if (!Number.isInteger(trustProxy) || trustProxy < 0 || trustProxy > maxHops) {
      throw new Error(`must be a number of proxies from 0 to ${maxHops}, or addresses such as "10.0.0.0/8"`);
    }
    return (_address, hop) => hop < trustProxy;
  }
  const list = new BlockList();
  for (const entry of typeof trustProxy === 'string' ? [trustProxy] : trustProxy) addEntry(list, entry);
  return (address) => {
    const plain = plainAddress(address);
    return plain !== undefined && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

function addEntry(list: BlockList, entry: unknown): void {
  const [address = '', bits, ...rest] = typeof entry === 'string' ? entry.split('/') : [];
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (version === 0 || rest.length > 0 || !(prefix <= most)) {
    throw new Error('must be a number of proxies from 0 to 32, or addresses such as "10.0.0.0/8"');
  }
  list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
}

/** Removes port, brackets and the IPv4-mapped IPv6 prefix; `undefined` if the text is not an address. */
function plainAddress(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  const [, bracketed] = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(trimmed) ?? [];
  const [, ipv4] = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/i.exec(bracketed ?? trimmed) ?? [];
  const address = ipv4 ?? bracketed ?? trimmed;
  return isIP(address) === 0 ? undefined : address;
}
