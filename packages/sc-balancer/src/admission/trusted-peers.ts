import { BlockList, isIP } from 'node:net';
import { requireRule } from 'sc-protocol/kit';

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reports whether the value is an array of addresses and networks such as `10.0.0.0/8`. */
export function isPeerList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => parseNetwork(entry) !== undefined);
}

/**
 * Returns a function that reports whether an address is in the list. Throws if an entry is neither an address nor a
 * network.
 */
export function createPeerList(entries: readonly string[], option: string): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const network = parseNetwork(entry);
    requireRule(network !== undefined, option, 'a list of addresses and networks such as "10.0.0.0/8"', entry);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => {
    if (address === undefined) return false;
    // A dual-stack server reports IPv4 peers as IPv4-mapped IPv6 addresses.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Strict: rejects forms that other programs may interpret differently, such as `10.0.0.0/8/9` or `10.0.0.0/0x8`. */
function parseNetwork(entry: unknown): Network | undefined {
  const [address = '', prefix, ...more] = typeof entry === 'string' ? entry.split('/') : [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isPrefix = prefix === undefined || /^(0|[1-9]\d{0,2})$/.test(prefix);
  const bits = prefix === undefined ? most : Number(prefix);
  if (version === 0 || more.length > 0 || !isPrefix || bits > most) return undefined;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
