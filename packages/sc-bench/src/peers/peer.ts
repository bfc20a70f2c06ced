import type { Heartbeat, Step } from '../load/plan.js';

/** How to speak to a server that is measured. */
export interface Peer {
  readonly name: string;
  /** What the table says it is. */
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
  /** What stands before the channel's name in a delivery. */
  readonly deliveryStart: string;
}
