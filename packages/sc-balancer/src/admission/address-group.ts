import { parseIpAddress } from './ip-address.js';

/**
 * Groups addresses for limits: an IPv4 address, also when mapped into IPv6, counts alone; an IPv6 address counts with
 * its /64 network, which belongs to one client as a whole.
 */
export function addressGroup(address: string): string {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  return isMapped ? bytes.subarray(12).join('.') : `${bytes.subarray(0, 8).toString('hex')}/64`;
}
