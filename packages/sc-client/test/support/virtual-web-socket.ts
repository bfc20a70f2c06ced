import type { WebSocketLike } from '../../src/web-socket.js';
import type { VirtualTime } from './virtual-time.js';

/** A frame as it travels. */
export interface Wire {
  readonly event?: string;
  readonly data?: unknown;
  readonly cid?: number;
}

/** The world of a virtual socket: its server's clock and randomness. */
export interface VirtualWorld {
  readonly time: VirtualTime;
  readonly random: () => number;
}

/** A WebSocket to a server in virtual time. Messages take their time in both directions, in order, until it is cut. */
export abstract class VirtualWebSocket implements WebSocketLike {
  binaryType = '';
  readyState = 0;
  readonly bufferedAmount = 0;
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onerror: WebSocketLike['onerror'] = null;
  onclose: WebSocketLike['onclose'] = null;
  readonly #world: VirtualWorld;
  readonly #arrivesAt = { client: 0, server: 0 };

  constructor(world: VirtualWorld) {
    this.#world = world;
    this.#carry('client', () => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(message: unknown): void {
    if (message === '') return;
    const wire = JSON.parse(message as string) as Wire;
    this.#carry('server', () => this.receive(wire));
  }

  close(code = 1005): void {
    this.cut(code);
  }

  /** Ends it: messages on their way are lost, and the client hears of it a little later. */
  cut(code = 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.ended();
    this.#world.time.after(this.#world.random() * 10, () => this.onclose?.({ code, reason: '' }));
  }

  /** Sends a frame to the client. */
  say(frame: object): void {
    this.#carry('client', () => {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
    });
  }

  /** A frame of the client has arrived at the server. */
  protected abstract receive(wire: Wire): void;

  /** The server lets go of it. */
  protected abstract ended(): void;

  #carry(to: 'client' | 'server', run: () => void): void {
    const { time, random } = this.#world;
    this.#arrivesAt[to] = Math.max(this.#arrivesAt[to], time.now + 1 + random() * 15);
    time.after(this.#arrivesAt[to] - time.now, () => {
      if (to === 'client' || this.readyState === 1) run();
    });
  }
}
