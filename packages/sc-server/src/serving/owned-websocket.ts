import { WebSocket } from 'ws';

/** Who is told what happens to a WebSocket. */
export interface WebSocketOwner {
  onMessage(data: Buffer, isBinary: boolean): void;
  onPing(data: Buffer): void;
  onPong(): void;
  onError(error: Error): void;
  onClose(code: number, reason: Buffer): void;
}

/**
 * A WebSocket with one owner, who is called without listeners between: five closures and an event table less for each
 * socket, and no list of arguments for each message.
 */
export class OwnedWebSocket extends WebSocket {
  #owner: WebSocketOwner | undefined;

  /** Must be called in the same turn in which the WebSocket was made: what happened before is not told again. */
  setOwner(owner: WebSocketOwner): void {
    this.#owner = owner;
  }

  /** Hot path. */
  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const owner = this.#owner;
    if (owner === undefined) return super.emit(event, first, second);
    // What the arguments are stands in the documentation of ws.
    switch (event) {
      case 'message':
        owner.onMessage(first as Buffer, second as boolean);
        return true;
      case 'ping':
        owner.onPing(first as Buffer);
        return true;
      case 'pong':
        owner.onPong();
        return true;
      case 'error':
        owner.onError(first as Error);
        return true;
      case 'close':
        owner.onClose(first as number, second as Buffer);
        return true;
      default:
        return super.emit(event, first, second);
    }
  }
}
