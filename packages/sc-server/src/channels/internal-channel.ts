const prefix = '#sc.';

/** Names that clients can neither subscribe nor publish to. Hot path. */
export function isInternalChannel(channel: string): boolean {
  return channel.startsWith(prefix);
}
