import { deserialize, serialize } from 'node:v8';
import type { Position, SubscribeRequest } from 'sc-protocol';
import type { SavedDialect } from '../socket/frame-writer.js';
import type { SavedIdentity } from '../socket/identity.js';
import type { SavedLiveness } from '../socket/liveness.js';

/** Raised by every change of {@link MovedSocket}: a worker refuses what another version of this package has written. */
const version = 1;
/** Bytes of a state, at most. It passes the supervisor. */
export const maxStateBytes = 64 * 1024;

export interface MovedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly sessionId: string | undefined;
}

/** Properties of the client that a connection behind a balancer shows; see `readProxyHeader`. */
export interface ShownConnection {
  readonly properties: Readonly<Record<string, unknown>>;
  /** The client's certificate in DER; empty for none, `undefined` for a connection that shows no TLS. */
  readonly certificate: Uint8Array | undefined;
}

export interface MovedSubscription {
  readonly request: SubscribeRequest;
  /** The store's number of the last publication that was sent to the client, in the count that it belongs to. */
  readonly live: number;
  readonly count: string;
  /** The same in the channel's stream, if it has one. */
  readonly position: Position | undefined;
}

/** An open socket between two processes, without its connection. */
export interface MovedSocket {
  readonly id: string;
  readonly subprotocol: string;
  readonly remoteAddress: string | undefined;
  readonly request: MovedRequest;
  readonly shown: ShownConnection;
  readonly dialect: SavedDialect;
  readonly knowsPositions: boolean;
  readonly knowsPresence: boolean;
  readonly publisher: string | undefined;
  readonly identity: SavedIdentity | undefined;
  readonly subscriptions: readonly MovedSubscription[];
  readonly lastCallId: number;
  readonly liveness: SavedLiveness;
  readonly kept: string | undefined;
  /** Orders about its user and session that were carried out for it. */
  readonly carriedOut: readonly string[];
  readonly unread: Uint8Array;
  readonly fragments: number;
}

/** The state as text for a message; `undefined` when it is too large. */
export function encodeMovedSocket(state: MovedSocket): string | undefined {
  const bytes = serialize({ version, state });
  return bytes.length > maxStateBytes ? undefined : bytes.toString('base64');
}

/** Throws for a state of another version of this package. */
export function decodeMovedSocket(text: string): MovedSocket {
  const { version: found, state } = deserialize(Buffer.from(text, 'base64')) as {
    version: unknown;
    state: MovedSocket;
  };
  if (found === version) return state;
  throw new Error(`The state of a moved socket has version ${String(found)}; this worker knows ${version}`);
}
