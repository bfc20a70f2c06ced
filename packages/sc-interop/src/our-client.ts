import { connect, memoryTokenStore, type AuthEngine, type ClientOptions, type SCClientSocket } from 'sc-client';
import { waitFor } from 'sc-testkit';

export interface SocketEvent {
  readonly event: string;
  readonly args: readonly unknown[];
}

/** Events to record. */
const recorded = [
  'connect',
  'connectAbort',
  'disconnect',
  'authenticate',
  'deauthenticate',
  'authTokenExpire',
  'subscribe',
  'subscribeFail',
  'unsubscribe',
  'kickOut',
  'error',
] as const;

/** `sc-client` with a list of its recorded events. */
export class OurClient {
  readonly events: SocketEvent[] = [];
  readonly store: AuthEngine;
  readonly socket: SCClientSocket;

  constructor(port: number, options: ClientOptions = {}) {
    this.store = options.authEngine ?? memoryTokenStore();
    this.socket = connect({
      hostname: '127.0.0.1',
      port,
      ackTimeout: 3000,
      autoReconnectOptions: { initialDelay: 20, randomness: 30, multiplier: 1, maxDelay: 50 },
      authEngine: this.store,
      ...options,
    });
    for (const event of recorded)
      this.socket.on(event, (...args: unknown[]) => {
        this.events.push({ event, args });
      });
  }

  /** Subscribes, and records each publication as a `publication` event with channel and data. */
  subscribe(channel: string): void {
    this.socket.subscribe(channel).watch((data) => {
      this.events.push({ event: 'publication', args: [channel, data] });
    });
  }

  /** Waits for the first event with this name and these leading arguments, from index `from` of the list. */
  next(event: string, args: readonly unknown[] = [], from = 0): Promise<SocketEvent> {
    return waitFor(() => this.events.slice(from).find((one) => matches(one, event, args)), {
      what: () => `${event} ${JSON.stringify(args)}; saw ${JSON.stringify(this.events.slice(-30))}`,
    });
  }

  count(event: string, ...args: unknown[]): number {
    return this.events.filter((one) => matches(one, event, args)).length;
  }
}

function matches(one: SocketEvent, event: string, args: readonly unknown[]): boolean {
  return one.event === event && args.every((arg, index) => JSON.stringify(one.args[index]) === JSON.stringify(arg));
}
