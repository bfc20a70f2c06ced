const prefix = '#sc.';

/** The name of a channel between the processes of a cluster. Clients can neither subscribe nor publish to it. */
export function internalChannel(name: string): string {
  return prefix + name;
}

/** Hot path. */
export function isInternalChannel(channel: string): boolean {
  return channel.startsWith(prefix);
}
