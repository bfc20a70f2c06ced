import {
  type CallId,
  type ClientFrame,
  type EventFrame,
  NoHandlerError,
  type ServerFrame,
  dehydrateError,
} from 'sc-protocol';
import type { Emitter } from 'sc-channel';
import type { Auth } from './auth.js';
import type { Connection } from './connection.js';
import { type SocketEvents, isSocketEvent } from './events.js';
import type { Inbound } from './inbound.js';
import type { Subscriptions } from './subscriptions.js';

export interface FrameTargets {
  readonly events: Emitter<SocketEvents>;
  readonly inbound: Inbound;
  readonly subscriptions: Subscriptions;
  readonly auth: Auth;
  reportError(error: unknown): void;
}

/** Brings what the server says to whom it concerns. */
export class FrameRouter {
  readonly #targets: FrameTargets;

  constructor(targets: FrameTargets) {
    this.#targets = targets;
  }

  /** `connection` is where the frame came from, and where an answer to it goes. */
  route(frame: Exclude<ServerFrame, { type: 'response' }>, connection: Connection): void {
    const { subscriptions, auth, events } = this.#targets;
    switch (frame.type) {
      case 'publication':
        subscriptions.channels.deliver(frame.channel, frame.data);
        break;
      case 'kickOut':
        subscriptions.kickedOut(frame.channel, frame.message);
        break;
      case 'event':
        this.#routeEvent(frame, connection);
        break;
      case 'setAuthToken':
        void this.#answer(auth.save(frame.authToken), frame.callId, connection);
        break;
      case 'removeAuthToken':
        void this.#answer(auth.remove(), frame.callId, connection);
        break;
      case 'raw':
        events.emit('raw', frame.value);
        break;
      case 'disconnect':
      case 'ping':
        break; // The connection and its transport have dealt with these.
      default:
        frame satisfies never;
    }
  }

  /** An event under the name of one of the socket's own must not pass for it, so its listeners never see it. */
  #routeEvent(frame: EventFrame, connection: Connection): void {
    const { name, data, callId } = frame;
    if (!isSocketEvent(name)) {
      this.#targets.inbound.receive(frame, (answer) => connection.send(answer));
      return;
    }
    if (callId !== undefined) {
      const error = dehydrateError(new NoHandlerError(`"${name}" is an event of the socket itself`));
      connection.send({ type: 'response', responseId: callId, error });
    }
    this.#targets.events.emit('raw', { event: name, data });
  }

  async #answer(stored: Promise<void>, callId: CallId | undefined, connection: Connection): Promise<void> {
    let error: unknown;
    try {
      await stored;
    } catch (caught) {
      error = dehydrateError(caught);
      this.#targets.reportError(caught);
    }
    if (callId === undefined) return;
    const answer: ClientFrame = { type: 'response', responseId: callId };
    connection.send(error === undefined ? answer : { ...answer, error });
  }
}
