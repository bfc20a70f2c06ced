import { monotonicMs } from 'sc-balancer';
import type { Socket } from 'node:net';
import type { Feeds } from '../channels/feeds.js';
import type { Logger } from '../log/logger.js';
import type { AcceptedConnection, SocketCore } from '../socket/socket-core.js';
import { connectionOf, isRawHandle, takeHandle } from '../websocket/raw-handle.js';
import type { FromMoveTarget, ToMoveTarget, WarmChannel } from './messages.js';
import { decodeMovedSocket, type MovedSocket } from './moved-socket.js';
import { acceptedFrom, restore } from './restore.js';

export interface MoveTargetDeps {
  readonly feeds: Feeds;
  readonly logger: Logger;
  /** Creates a socket for a connection. */
  readonly adopt: (accepted: AcceptedConnection) => SocketCore;
  /** Registers a connection with this process. */
  readonly register: (connection: Socket) => void;
  /** Sends a message to the supervisor. `written` is called once the message is written or has failed. */
  readonly send: (message: FromMoveTarget, written?: (error: Error | null) => void) => void;
}

/**
 * Milliseconds for which channels are followed after the last socket has arrived, because its subscriptions may still
 * be joining.
 */
const lingerMs = 10_000;

/** Takes the sockets of a worker being replaced. */
export class MoveTarget {
  readonly #deps: MoveTargetDeps;
  readonly #followed = new Set<string>();

  constructor(deps: MoveTargetDeps) {
    this.#deps = deps;
  }

  handleMessage(message: ToMoveTarget, handle: unknown): void {
    switch (message.kind) {
      case 'follow':
        void this.#follow(message.channels);
        break;
      case 'adopt':
        this.#adopt(message, handle);
        break;
      case 'release':
        this.#release();
        break;
      default:
        message satisfies never;
    }
  }

  /**
   * Subscribes to channels, starts recording their publications, and reports the live numbers since which they are
   * recorded.
   */
  async #follow(channels: readonly string[]): Promise<void> {
    const { feeds } = this.#deps;
    const followed = channels.map(async (channel): Promise<WarmChannel | undefined> => {
      const isNew = !this.#followed.has(channel);
      this.#followed.add(channel);
      try {
        if (isNew) await feeds.acquire(channel);
      } catch {
        // The worker being replaced will request it again.
        this.#unfollow(channel);
        return undefined;
      }
      const feed = feeds.get(channel);
      if (feed?.state !== 'live') return undefined;
      feed.startRecord();
      return { channel, live: feed.live, count: feed.count };
    });
    const warm = (await Promise.all(followed)).filter((one) => one !== undefined);
    if (warm.length > 0) this.#send({ kind: 'following', channels: warm });
  }

  #adopt({ id, state: text, expiresAt }: Extract<ToMoveTarget, { kind: 'adopt' }>, handle: unknown): void {
    if (!isRawHandle(handle)) {
      this.#send({ kind: 'refused', id, reason: 'The connection did not arrive' });
      return;
    }
    const connection = connectionOf(handle);
    // Closes only this process's copy.
    const letGo = (): void => {
      takeHandle(connection, handle);
      handle.close();
    };
    const refuse = (reason: string): void => {
      letGo();
      this.#send({ kind: 'refused', id, reason });
    };
    let state: MovedSocket;
    let accepted: AcceptedConnection;
    try {
      state = decodeMovedSocket(text);
      accepted = acceptedFrom(state, connection);
    } catch (error) {
      refuse((error as Error).message);
      return;
    }
    if (monotonicMs() > expiresAt) {
      refuse('The worker was busy for too long');
      return;
    }
    // Read and write only after the message is written, so that the supervisor reliably learns which process has the
    // connection.
    this.#send({ kind: 'accepted', id }, (error) => {
      if (error === null) this.#begin(connection, accepted, state);
      else letGo();
    });
  }

  #begin(connection: Socket, accepted: AcceptedConnection, state: MovedSocket): void {
    const { register, adopt, logger } = this.#deps;
    register(connection);
    try {
      restore(adopt(accepted), state);
    } catch (error) {
      logger.error('A moved socket could not be restored, and is closed', { error, socketId: state.id });
      connection.destroy();
    }
  }

  /** Stops following the channels. Delayed, because sockets may still be waiting for a feed. */
  #release(): void {
    const channels = [...this.#followed];
    this.#followed.clear();
    setTimeout(() => {
      for (const channel of channels) {
        if (!this.#followed.has(channel)) this.#deps.feeds.get(channel)?.stopRecord();
        this.#deps.feeds.release(channel);
      }
    }, lingerMs).unref();
  }

  #unfollow(channel: string): void {
    if (this.#followed.delete(channel)) this.#deps.feeds.release(channel);
  }

  #send(message: FromMoveTarget, written?: (error: Error | null) => void): void {
    try {
      this.#deps.send(message, written);
    } catch (error) {
      written?.(error as Error);
    }
  }
}
