import type { WireError } from 'sc-protocol';
import type { Heartbeat } from './heartbeat.js';

/** Which pool a member belongs to, its slot, and how many members the slot had before. */
export interface MemberIdentity {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
}

/** How a member writes to its standard output and error. */
export interface OutputOptions {
  /** `block` makes each write wait until the pool has read; `drop` discards writes when too much waits. */
  readonly policy: 'drop' | 'block';
  /** Bytes of one stream that may wait before writes are dropped. */
  readonly maxPendingBytes: number;
}

/** Messages from a pool to a member. User messages are nested in `message`, so the two kinds cannot be confused. */
export type ToMember<Init = unknown, In = unknown> =
  | {
      readonly kind: 'init';
      readonly init: Init;
      readonly heartbeatIntervalMs: number;
      readonly output: OutputOptions;
    }
  | { readonly kind: 'stop'; readonly deadlineMs: number; readonly cause: 'asked' | 'signal' }
  /** The answer to `terminated` when a stop will follow later. */
  | { readonly kind: 'carryOn' }
  | { readonly kind: 'message'; readonly body: In };

/** Messages from a member to its pool. */
export type ToPool<Out = unknown> =
  | { readonly kind: 'ready'; readonly info?: unknown }
  /** It got SIGTERM. The pool decides whether it stops now. */
  | { readonly kind: 'terminated' }
  | { readonly kind: 'draining' }
  /** Its last message: every stop handler has finished, and the process exits now. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'failure'; readonly error: WireError; readonly stack?: string }
  | { readonly kind: 'message'; readonly body: Out };

/** The environment variable that contains a child's {@link MemberIdentity}. It holds no secrets. */
export const identityVariable = 'SC_POOL_MEMBER';

const kindsToMember: ReadonlySet<unknown> = new Set<ToMember['kind']>(['init', 'stop', 'carryOn', 'message']);
const kindsToPool: ReadonlySet<unknown> = new Set<ToPool['kind']>([
  'ready',
  'terminated',
  'draining',
  'finished',
  'heartbeat',
  'failure',
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
  if (message.kind === 'failure' && !isObject(message.error)) return undefined;
  if (message.kind === 'heartbeat' && !isHeartbeat(message.heartbeat)) return undefined;
  return message;
}

function hasKind(value: unknown, kinds: ReadonlySet<unknown>): boolean {
  return isObject(value) && kinds.has(value['kind']);
}

function isHeartbeat(value: unknown): boolean {
  return (
    isObject(value) &&
    ['lagMs', 'rssBytes', 'heapUsedBytes', 'droppedWrites', 'utilization'].every(
      (key) => typeof value[key] === 'number',
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
