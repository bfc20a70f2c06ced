import { parseIpAddress } from './ip-address.js';

/**
 * Groups addresses for limits. An IPv4 address, even if mapped into IPv6, is a group of its own; an IPv6 address is
 * grouped with its /64 network, which is usually assigned to one client.
 */
export function addressGroup(address: string): string {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  return isMapped ? bytes.subarray(12).join('.') : `${bytes.subarray(0, 8).toString('hex')}/64`;
}
