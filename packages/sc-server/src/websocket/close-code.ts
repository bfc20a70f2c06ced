/** Whether a close code may be sent in a close frame (RFC 6455 §7.4). Other codes are for local use only. */
export function canBeSent(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  const isStandard = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  return isStandard || (code >= 3000 && code <= 4999);
}
