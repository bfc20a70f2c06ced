import { clientFrame, upgradeRequest } from './client-frame.js';

/** Something a connection says before it counts as open, and how many frames it waits for then. */
export interface Step {
  readonly send?: string;
  readonly awaitFrames: number;
}

export interface Heartbeat {
  readonly ping: string;
  readonly pong: string;
}

/** One message of the traffic; in an echo every connection sends it, else the connection named. */
export interface Message {
  readonly connection: number;
  readonly text: string;
}

/** The instructions for the load generator. */
export interface LoadPlan {
  readonly mode: 'connect' | 'echo' | 'fan-out';
  readonly isTls: boolean;
  /** Wait by looking again and again: the server is not charged for waking the client, but a core is used up. */
  readonly spins: boolean;
  readonly path: string;
  readonly heartbeats: readonly Heartbeat[];
  /** The port and the steps of each connection. */
  readonly connections: readonly { readonly port: number; readonly steps: readonly Step[] }[];
  /** Sent in turn, over and over. */
  readonly messages: readonly Message[];
  /** Frames with a shorter payload are heartbeats and acks, not messages. */
  readonly minMessageBytes: number;
  /** Messages in flight: of each connection in an echo, else publications. */
  readonly depth: number;
  readonly subscribersPerPublication: number;
  /** Where in a delivery the four digits stand that say which of `messages` it is; 0 when there is one channel. */
  readonly channelOffset: number;
  readonly warmMs: number;
  readonly runMs: number;
  /** A phase goes on, for up to five times as long, until so many messages came back. */
  readonly minMessages: number;
  /** Publishes on a schedule instead of with a fixed number in flight, when above 0. */
  readonly intervalUs: number;
}

const modes = ['connect', 'echo', 'fan-out'];
const connectConcurrency = 200;
const nothing = 0xffffffff;

/** The plan as native/load.c reads it: little-endian numbers and length-prefixed bytes. */
export function encodePlan(plan: LoadPlan): Buffer {
  const parts: Buffer[] = [];
  const blobs: Buffer[] = [];
  const known = new Map<string, number>();
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    parts.push(bytes);
  };
  const bytes = (value: Buffer) => {
    u32(value.length);
    parts.push(value);
  };
  const frameIndex = (text: string): number => {
    let index = known.get(text);
    if (index === undefined) {
      index = blobs.push(clientFrame(text)) - 1;
      known.set(text, index);
    }
    return index;
  };
  u32(modes.indexOf(plan.mode));
  u32((plan.isTls ? 1 : 0) | (plan.spins ? 2 : 0));
  u32(connectConcurrency);
  u32(plan.minMessageBytes);
  u32(plan.depth);
  u32(plan.subscribersPerPublication);
  u32(plan.warmMs);
  u32(plan.runMs);
  u32(plan.minMessages);
  u32(plan.channelOffset);
  u32(plan.intervalUs);
  u32(plan.heartbeats.length);
  for (const { ping, pong } of plan.heartbeats) {
    bytes(Buffer.from(ping));
    bytes(clientFrame(pong));
  }
  const connections = plan.connections.map(({ port, steps }) => ({
    port,
    steps: steps.map(
      ({ send, awaitFrames }) => [send === undefined ? nothing : frameIndex(send), awaitFrames] as const,
    ),
  }));
  const messages = plan.messages.map(({ connection, text }) => [connection, frameIndex(text)] as const);
  const upgrade = blobs.push(upgradeRequest(plan.path)) - 1;
  u32(blobs.length);
  for (const blob of blobs) bytes(blob);
  u32(upgrade);
  u32(connections.length);
  for (const { port, steps } of connections) {
    u32(port);
    u32(steps.length);
    for (const step of steps) step.forEach(u32);
  }
  u32(messages.length);
  for (const message of messages) message.forEach(u32);
  return Buffer.concat(parts);
}
