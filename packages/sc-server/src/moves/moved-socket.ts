import { deserialize, serialize } from 'node:v8';
import type { Position, SubscribeRequest } from 'sc-protocol';
import type { SavedDialect } from '../socket/frame-writer.js';
import type { SavedIdentity } from '../socket/identity.js';
import type { SavedLiveness } from '../socket/liveness.js';

/**
 * Incremented with every change of {@link MovedSocket}: a worker refuses state written by another version of this
 * package.
 */
const version = 1;
/** Maximum bytes of an encoded state, because it passes through the supervisor. */
export const maxStateBytes = 64 * 1024;

export interface MovedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly sessionId: string | undefined;
}

/** Properties of the client that a connection behind a balancer exposes; see `readProxyHeader`. */
export interface ShownConnection {
  readonly properties: Readonly<Record<string, unknown>>;
  /** The client's certificate in DER; empty for none, `undefined` for a connection without TLS. */
  readonly certificate: Uint8Array | undefined;
}

export interface MovedSubscription {
  readonly request: SubscribeRequest;
  /** The store's live number of the last publication sent to the client, and the count it belongs to. */
  readonly live: number;
  readonly count: string;
  /** The position of that publication in the channel's stream, if it has one. */
  readonly position: Position | undefined;
}

/** The state of an open socket in transit between two processes, without its connection. */
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
  /** Ids of orders about its user and session that were already carried out for it. */
  readonly carriedOut: readonly string[];
  readonly unread: Uint8Array;
  readonly fragments: number;
}

/** Encodes the state as text for a message; `undefined` if it is too large. */
export function encodeMovedSocket(state: MovedSocket): string | undefined {
  const bytes = serialize({ version, state });
  return bytes.length > maxStateBytes ? undefined : bytes.toString('base64');
}

/** Decodes the state. Throws if it was written by another version of this package. */
export function decodeMovedSocket(text: string): MovedSocket {
  const { version: found, state } = deserialize(Buffer.from(text, 'base64')) as {
    version: unknown;
    state: MovedSocket;
  };
  if (found === version) return state;
  throw new Error(`The state of a moved socket has version ${String(found)}; this worker knows ${version}`);
}
