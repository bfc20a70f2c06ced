/** Longest channel, event or procedure name, in UTF-8 bytes. */
export const maxNameBytes = 255;

/** Events that the socket of a client raises by itself. */
export const clientSocketEvents = [
  'ready',
  'connect',
  'connectAbort',
  'disconnect',
  'close',
  'error',
  'authenticate',
  'deauthenticate',
  'authStateChange',
  'authTokenExpire',
  'subscribe',
  'subscribeFail',
  'subscribeStateChange',
  'unsubscribe',
  'kickOut',
  'message',
  'raw',
] as const;

/** Events that the socket of a server raises by itself. */
export const serverSocketEvents = [
  'disconnect',
  'subscribe',
  'unsubscribe',
  'authenticate',
  'deauthenticate',
  'authStateChange',
  'badAuthToken',
  'message',
  'raw',
] as const;

/**
 * Whether no event of an application can have the name: the socket of one end raises an event of this name, WebSockets do
 * (`open`), or it begins like the events of the protocol.
 */
export function isReservedEvent(name: string): boolean {
  const names: readonly string[] = [...clientSocketEvents, ...serverSocketEvents, 'open'];
  return names.includes(name) || name.startsWith('#');
}

/** Why a channel or event name cannot be used, or `undefined` when it can. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return `must be a string, got ${typeof name}`;
  if (name === '') return 'must not be empty';
  if (/\p{Cc}/u.test(name)) return 'must not hold control characters';
  // UTF-8 has no bytes for one: links between processes would make another name of it.
  if (/\p{Cs}/u.test(name)) return 'must not hold half of a surrogate pair';
  const bytes = bytesIfLong(name);
  return bytes > maxNameBytes ? `must be at most ${maxNameBytes} bytes, got ${bytes}` : undefined;
}

/** Whether a name is refused for its length. */
export function isLongName(name: unknown): boolean {
  return typeof name === 'string' && bytesIfLong(name) > maxNameBytes;
}

/** The length of a name that may be too long, 0 for others: a character has at most three bytes in each of its units. */
function bytesIfLong(name: string): number {
  return name.length * 3 > maxNameBytes ? new TextEncoder().encode(name).length : 0;
}
