import type { WireError } from 'sc-protocol';
import type { Heartbeat } from './heartbeat.js';

/** Identity of a member: the role of its pool, its slot, and the number of earlier members of the slot. */
export interface MemberIdentity {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
}

/** Options for the standard output and error of a member. */
export interface OutputOptions {
  /** `block` makes each write block until the pool has read; `drop` discards writes while the buffer is full. */
  readonly policy: 'drop' | 'block';
  /** Buffered bytes of one stream beyond which writes are dropped. */
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
  /** The reply to `terminated` if a stop will follow later. */
  | { readonly kind: 'carryOn' }
  | { readonly kind: 'message'; readonly body: In };

/** Messages from a member to its pool. */
export type ToPool<Out = unknown> =
  | { readonly kind: 'ready'; readonly info?: unknown }
  /** The member has received SIGTERM. The pool decides whether it stops now. */
  | { readonly kind: 'terminated' }
  | { readonly kind: 'draining' }
  /** The last message of a member: every stop handler has finished, and the process exits now. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'failure'; readonly error: WireError; readonly stack?: string }
  | { readonly kind: 'message'; readonly body: Out };

/** The environment variable that contains a child's {@link MemberIdentity}. Contains no secrets. */
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

/** Parses a message from a pool. `undefined` for any other: other code in the process may use the IPC channel, too. */
export function parseToMember(value: unknown): ToMember | undefined {
  return hasKind(value, kindsToMember) ? (value as ToMember) : undefined;
}

/** Parses a message from a member; `undefined` for any other. */
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
