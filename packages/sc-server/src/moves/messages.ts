/**
 * Messages about moves. The supervisor passes them between the worker being replaced and the worker that takes its
 * sockets.
 */

/** From the supervisor to the worker being replaced. */
export type ToMoveSource =
  /** Move every socket. After `timeoutMs`, calls in flight end with an error. */
  | { readonly kind: 'begin'; readonly timeoutMs: number }
  /** The next worker follows these channels, and records their publications after these live numbers. */
  | { readonly kind: 'warmed'; readonly channels: readonly WarmChannel[] }
  /** Another worker takes the sockets from now on. */
  | { readonly kind: 'retarget' }
  /** No worker takes sockets any more. */
  | { readonly kind: 'end' }
  /**
   * Outcome of an offered socket: another worker has it; or no worker took it and it was closed; or its handle did not
   * reach the supervisor.
   */
  | { readonly kind: 'settled'; readonly id: number; readonly outcome: 'moved' | 'closed' | 'lost' };

/** From the worker being replaced to the supervisor. */
export type FromMoveSource =
  | { readonly kind: 'warm'; readonly channels: readonly string[] }
  /** A socket, with its connection attached. `fallback` is the close frame to send if no worker takes it. */
  | { readonly kind: 'offer'; readonly id: number; readonly state: string; readonly fallback: string }
  /** No sockets are left. This worker closed `closed` of them. */
  | { readonly kind: 'done'; readonly closed: number };

/** From the supervisor to the worker that takes sockets. */
export type ToMoveTarget =
  | { readonly kind: 'follow'; readonly channels: readonly string[] }
  /** A socket, with its connection. Must not be accepted after `expiresAt`, by the host's monotonic clock. */
  | { readonly kind: 'adopt'; readonly id: number; readonly state: string; readonly expiresAt: number }
  /** No more sockets follow. */
  | { readonly kind: 'release' };

/** From the worker that takes sockets to the supervisor. */
export type FromMoveTarget =
  | { readonly kind: 'following'; readonly channels: readonly WarmChannel[] }
  | { readonly kind: 'accepted'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string };

export type ToMover = ToMoveSource | ToMoveTarget;
export type FromMover = FromMoveSource | FromMoveTarget;

/** A channel that a worker follows. Publications after the live number, in the given count, are recorded. */
export interface WarmChannel {
  readonly channel: string;
  readonly live: number;
  readonly count: string;
}
