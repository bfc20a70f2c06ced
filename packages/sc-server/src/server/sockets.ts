import { SocketCore, type AcceptedConnection, type SocketOwner } from '../socket/socket-core.js';
import { createSocketIds } from '../socket/socket-ids.js';
import type { ServerParts } from './parts.js';

/** The sockets of one server. */
export class Sockets {
  readonly parts: ServerParts;
  /** The sockets, from their upgrade, or their move to this process, until they are closed or moved away. */
  readonly cores = new Set<SocketCore>();
  readonly #owner: SocketOwner;
  readonly #nextId = createSocketIds();

  constructor(parts: ServerParts, owner: SocketOwner) {
    this.parts = parts;
    this.#owner = owner;
  }

  /** Adds an upgraded connection under a new id. */
  add(upgraded: Omit<AcceptedConnection, 'id' | 'moved'>): void {
    this.adopt({ id: this.#nextId(), ...upgraded });
  }

  /** Adds a connection that has an id. */
  adopt(accepted: AcceptedConnection): SocketCore {
    const core = new SocketCore(this.parts, this.#owner, accepted);
    this.cores.add(core);
    this.parts.clientLog.connected(core, accepted.request);
    return core;
  }
}
