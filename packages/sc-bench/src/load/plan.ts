import { clientFrame, upgradeRequest } from './client-frame.js';

/** A frame to send before the connection counts as open, and the number of frames to await afterwards. */
export interface Step {
  readonly send?: string;
  readonly awaitFrames: number;
}

export interface Heartbeat {
  readonly ping: string;
  readonly pong: string;
}

/** One message of the traffic. In echo mode every connection sends it, otherwise only `connection`. */
export interface Message {
  readonly connection: number;
  readonly text: string;
}

/** The instructions for the load generator. */
export interface LoadPlan {
  readonly mode: 'connect' | 'echo' | 'fan-out';
  readonly isTls: boolean;
  /** Busy-wait: the server does not pay for waking the client, but the client occupies a core. */
  readonly spins: boolean;
  readonly path: string;
  readonly heartbeats: readonly Heartbeat[];
  /** The port and the steps of each connection. */
  readonly connections: readonly { readonly port: number; readonly steps: readonly Step[] }[];
  /** Messages to send, round-robin. */
  readonly messages: readonly Message[];
  /** Frames with a shorter payload are heartbeats and acks, not messages. */
  readonly minMessageBytes: number;
  /** Messages in flight: per connection in echo mode, otherwise publications in total. */
  readonly depth: number;
  readonly subscribersPerPublication: number;
  /** Offset in a delivery of the four digits that identify its entry in `messages`. 0 if there is one channel. */
  readonly channelOffset: number;
  readonly warmMs: number;
  readonly runMs: number;
  /** Minimum number of messages received in a phase. Extends the phase to at most five times its duration. */
  readonly minMessages: number;
  /** Interval between publications. 0: keep a fixed number in flight instead. */
  readonly intervalUs: number;
}

const modes = ['connect', 'echo', 'fan-out'];
const connectConcurrency = 200;
const nothing = 0xffffffff;

/** Encodes the plan for native/load.c: little-endian numbers and length-prefixed bytes. */
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
