/** Whether a close code may stand in a close frame (RFC 6455 §7.4); the others only describe what happened. */
export function canBeSent(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  const isStandard = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  return isStandard || (code >= 3000 && code <= 4999);
}
