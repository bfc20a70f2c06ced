import type { Heartbeat, Step } from '../load/plan.js';

/** Describes how the load generator talks to a server under test. */
export interface Peer {
  readonly name: string;
  /** Title in the table. */
  readonly title: string;
  /** Script in `dist/servers` that starts the server. */
  readonly server: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly path: string;
  readonly heartbeats: readonly Heartbeat[];
  /** Steps from the upgrade to an open socket. */
  readonly open: readonly Step[];
  subscribe(channel: string, callId: number): Step;
  publish(channel: string, data: string): string;
  echo(data: string, callId: number): string;
  /** Start of a delivery, up to the channel name. */
  readonly deliveryStart: string;
}
