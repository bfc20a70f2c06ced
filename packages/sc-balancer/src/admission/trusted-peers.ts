import { BlockList, isIP } from 'node:net';
import { requireRule } from 'sc-protocol/options';

/** Says whether an address is in a list of addresses and networks such as `10.0.0.0/8`. Refuses what is neither. */
export function createPeerList(entries: readonly string[], option: string): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    const isNetwork = bits !== undefined && Number.isInteger(bits) && bits >= 0 && bits <= (version === 4 ? 32 : 128);
    const holds = version !== 0 && prefix !== '' && (bits === undefined || isNetwork);
    requireRule(holds, option, 'a list of addresses and networks such as "10.0.0.0/8"', entry);
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return (address) => {
    if (address === undefined) return false;
    // A server on all addresses shows IPv4 peers inside IPv6.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}
