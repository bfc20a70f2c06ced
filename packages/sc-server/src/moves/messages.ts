/** Messages about moves. The supervisor passes them between the worker that is replaced and the one that takes its sockets. */

/** From the supervisor to the worker that is replaced. */
export type ToMoveSource =
  /** Move every socket; at this time at the latest, calls that are being served end with an error. */
  | { readonly kind: 'begin'; readonly timeoutMs: number }
  /** The next worker follows these channels, and remembers what is published after these numbers. */
  | { readonly kind: 'warmed'; readonly channels: readonly WarmChannel[] }
  /** Another worker takes the sockets from now on. */
  | { readonly kind: 'retarget' }
  /** No worker takes sockets. */
  | { readonly kind: 'end' }
  /** Another worker has a socket that was offered; or no worker took it, and it was closed; or its connection was lost. */
  | { readonly kind: 'settled'; readonly id: number; readonly outcome: 'moved' | 'closed' | 'lost' };

/** From the worker that is replaced to the supervisor. */
export type FromMoveSource =
  | { readonly kind: 'warm'; readonly channels: readonly string[] }
  /** A socket; its connection is attached. `fallback` is a close frame, for the case that no worker takes it. */
  | { readonly kind: 'offer'; readonly id: number; readonly state: string; readonly fallback: string }
  /** No socket is left. `closed` of them were closed by this worker. */
  | { readonly kind: 'done'; readonly closed: number };

/** From the supervisor to the worker that takes sockets. */
export type ToMoveTarget =
  | { readonly kind: 'follow'; readonly channels: readonly string[] }
  /** A socket, with its connection. Not to be accepted later than this, by the host's monotonic clock. */
  | { readonly kind: 'adopt'; readonly id: number; readonly state: string; readonly expiresAt: number }
  /** No more sockets come. */
  | { readonly kind: 'release' };

/** From the worker that takes sockets to the supervisor. */
export type FromMoveTarget =
  | { readonly kind: 'following'; readonly channels: readonly WarmChannel[] }
  | { readonly kind: 'accepted'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string };

export type ToMover = ToMoveSource | ToMoveTarget;
export type FromMover = FromMoveSource | FromMoveTarget;

/** A channel that a worker follows: since which number of the store, in which count. */
export interface WarmChannel {
  readonly channel: string;
  readonly live: number;
  readonly count: string;
}
