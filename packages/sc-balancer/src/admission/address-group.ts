import { parseIpAddress } from './ip-address.js';

/**
 * What limits by address count together: an IPv4 address, also inside IPv6, by itself; an IPv6 address with its /64
 * network, which one client has as a whole.
 */
export function addressGroup(address: string): string {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  return isMapped ? bytes.subarray(12).join('.') : `${bytes.subarray(0, 8).toString('hex')}/64`;
}
