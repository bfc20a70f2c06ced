/** Longest channel, event or procedure name, in UTF-8 bytes. */
export const maxNameBytes = 255;

/** Events that a client's socket emits itself. */
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

/** Events that a server's socket emits itself. */
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
 * Whether the name is reserved: an event of a socket on either end, an event of WebSockets (`open`), or a name with the
 * prefix of protocol events.
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
  // UTF-8 cannot encode a lone surrogate: links between processes would alter the name.
  if (/\p{Cs}/u.test(name)) return 'must not hold half of a surrogate pair';
  const bytes = bytesIfLong(name);
  return bytes > maxNameBytes ? `must be at most ${maxNameBytes} bytes, got ${bytes}` : undefined;
}

/** Whether a name is too long. */
export function isLongName(name: unknown): boolean {
  return typeof name === 'string' && bytesIfLong(name) > maxNameBytes;
}

/**
 * The length in bytes of a name that may be too long, 0 for others: each UTF-16 code unit takes at most three bytes.
 */
function bytesIfLong(name: string): number {
  return name.length * 3 > maxNameBytes ? new TextEncoder().encode(name).length : 0;
}
