import type { WireError } from 'sc-protocol';

/** Where a member sits: which pool, which slot of it, and how many members the slot had before. */
export interface Seating {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
}

/** How a member is doing, as it says itself at every heartbeat. */
export interface Pulse {
  /** The longest time the event loop was blocked since the heartbeat before, in milliseconds. */
  readonly lagMs: number;
  /** Memory of the whole process, in bytes. */
  readonly rssBytes: number;
  /** JavaScript heap in use, in bytes. */
  readonly heapUsedBytes: number;
  /** Share of time the event loop was busy since the heartbeat before, 0 to 1. */
  readonly utilization: number;
}

/** What a pool says to a member. User messages travel inside `message`, so the two kinds cannot be confused. */
export type ToMember<Init = unknown, In = unknown> =
  | { readonly kind: 'init'; readonly init: Init; readonly heartbeatIntervalMs: number }
  | { readonly kind: 'stop'; readonly deadlineMs: number }
  | { readonly kind: 'message'; readonly body: In };

/** What a member says to its pool. */
export type ToPool<Out = unknown> =
  | { readonly kind: 'ready'; readonly info?: unknown }
  | { readonly kind: 'draining' }
  | { readonly kind: 'pulse'; readonly pulse: Pulse }
  | { readonly kind: 'lastWords'; readonly error: WireError; readonly stack?: string }
  | { readonly kind: 'message'; readonly body: Out };

/** The environment variable that tells a child its {@link Seating}. Nothing secret goes there. */
export const seatingVariable = 'SC_POOL_SEATING';

const kindsToMember: ReadonlySet<unknown> = new Set<ToMember['kind']>(['init', 'stop', 'message']);
const kindsToPool: ReadonlySet<unknown> = new Set<ToPool['kind']>([
  'ready',
  'draining',
  'pulse',
  'lastWords',
  'message',
]);

/** The message when it is one of a pool's, else `undefined`: other code in the process may use the channel too. */
export function parseToMember(value: unknown): ToMember | undefined {
  return hasKind(value, kindsToMember) ? (value as ToMember) : undefined;
}

/** The message when it is one of a member's, else `undefined`. */
export function parseToPool(value: unknown): ToPool | undefined {
  if (!hasKind(value, kindsToPool)) return undefined;
  const message = value as ToPool;
  if (message.kind === 'lastWords' && !isObject(message.error)) return undefined;
  if (message.kind === 'pulse' && !isPulse(message.pulse)) return undefined;
  return message;
}

function hasKind(value: unknown, kinds: ReadonlySet<unknown>): boolean {
  return isObject(value) && kinds.has(value['kind']);
}

function isPulse(value: unknown): boolean {
  return (
    isObject(value) &&
    ['lagMs', 'rssBytes', 'heapUsedBytes', 'utilization'].every((key) => typeof value[key] === 'number')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
