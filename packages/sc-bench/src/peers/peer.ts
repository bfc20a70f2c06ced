import type { Heartbeat, Step } from '../load/plan.js';

/** How to speak to a server that is measured. */
export interface Peer {
  readonly name: string;
  /** Title in the table. */
  readonly title: string;
  /** The script in `dist/servers` that runs it. */
  readonly server: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly path: string;
  readonly heartbeats: readonly Heartbeat[];
  /** From the upgrade to an open socket. */
  readonly open: readonly Step[];
  subscribe(channel: string, callId: number): Step;
  publish(channel: string, data: string): string;
  echo(data: string, callId: number): string;
  /** The bytes of a delivery before the channel's name. */
  readonly deliveryStart: string;
}
