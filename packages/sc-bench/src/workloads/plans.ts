import type { LoadPlan, Message, Step } from '../load/plan.js';
import type { Peer } from '../peers/peer.js';
import type { BenchContext } from './workload.js';

/** Payload of every message: 100 bytes. */
export const payload =
  'The quick brown fox jumps over the lazy dog, 0123456789 times, and over again until it is tired. Done'.slice(0, 100);

type Common = Omit<
  LoadPlan,
  'mode' | 'connections' | 'messages' | 'depth' | 'subscribersPerPublication' | 'channelOffset'
>;

export interface PlanSettings {
  readonly isTls?: boolean;
  readonly spins?: boolean;
  readonly intervalUs?: number;
  /** Duration of the warm-up, in multiples of a run. */
  readonly warmRuns?: number;
}

function common(
  context: BenchContext,
  peer: Peer,
  { isTls = false, spins = true, intervalUs = 0, warmRuns = 0.5 }: PlanSettings,
): Common {
  return {
    isTls,
    spins,
    intervalUs,
    path: peer.path,
    heartbeats: peer.heartbeats,
    // Pings and acks are shorter, messages with the payload are longer.
    minMessageBytes: 64,
    warmMs: Math.round(context.runMs * warmRuns),
    runMs: context.runMs,
    // Enough messages for the JIT compiler to optimize the hot paths of the server.
    minMessages: 40_000,
  };
}

/** Idle connections. */
export function idlePlan(
  context: BenchContext,
  peer: Peer,
  port: number,
  count: number,
  settings: PlanSettings = {},
): LoadPlan {
  const connections = Array.from({ length: count }, () => ({ port, steps: peer.open }));
  return {
    ...common(context, peer, settings),
    mode: 'connect',
    connections,
    messages: [],
    depth: 1,
    subscribersPerPublication: 0,
    channelOffset: 0,
  };
}

/** Sockets that each keep `depth` calls in flight. */
export function echoPlan(
  context: BenchContext,
  peer: Peer,
  port: number,
  sockets: number,
  depth: number,
  settings: PlanSettings = {},
): LoadPlan {
  const connections = Array.from({ length: sockets }, () => ({ port, steps: peer.open }));
  // Two digits, so that all responses have the same length.
  const messages = Array.from({ length: 64 }, (_, i) => ({ connection: 0, text: peer.echo(payload, 10 + i) }));
  return {
    ...common(context, peer, settings),
    mode: 'echo',
    connections,
    messages,
    depth,
    subscribersPerPublication: 0,
    channelOffset: 0,
  };
}

/** One channel, to which one connection publishes and `subscribers` other connections subscribe. */
export function fanOutPlan(
  context: BenchContext,
  peer: Peer,
  [subscriberPort = 0, publisherPort = subscriberPort]: readonly number[],
  subscribers: number,
  depth: number,
  settings: PlanSettings = {},
): LoadPlan {
  const channel = channelName(0);
  const steps: readonly Step[] = [...peer.open, peer.subscribe(channel, 2)];
  const connections = Array.from({ length: subscribers }, () => ({ port: subscriberPort, steps }));
  connections.push({ port: publisherPort, steps: peer.open });
  const messages = [{ connection: subscribers, text: peer.publish(channel, payload) }];
  return {
    ...common(context, peer, settings),
    mode: 'fan-out',
    connections,
    messages,
    depth,
    subscribersPerPublication: subscribers,
    channelOffset: 0,
  };
}

/**
 * Many channels with a few subscribers each, published to in turn. Subscribers are assigned in shuffled order,
 * independent of the order of publications and the same in every run.
 */
export function manyChannelsPlan(
  context: BenchContext,
  peer: Peer,
  port: number,
  { clients, channels, subscribers, depth }: { clients: number; channels: number; subscribers: number; depth: number },
): LoadPlan {
  const perClient = (channels * subscribers) / clients;
  const order = shuffled(channels);
  // All channels have the same number of subscribers. The step is coprime to the number of channels, so that no client
  // subscribes to a channel twice.
  const channelOf = (client: number, i: number) => channelName(order[(client + i * 97) % channels] ?? 0);
  const connections = Array.from({ length: clients }, (_, client) => ({
    port,
    steps: [...peer.open, ...Array.from({ length: perClient }, (_, i) => peer.subscribe(channelOf(client, i), 10 + i))],
  }));
  const messages: Message[] = Array.from({ length: channels }, (_, channel) => ({
    connection: (channel * 7 + 3) % clients,
    text: peer.publish(channelName(channel), payload),
  }));
  return {
    ...common(context, peer, {}),
    mode: 'fan-out',
    connections,
    messages,
    depth,
    subscribersPerPublication: subscribers,
    channelOffset: Buffer.byteLength(peer.deliveryStart) + 1,
  };
}

/** The numbers below `count` in a shuffled but reproducible order (Fisher–Yates shuffle, Park–Miller generator). */
function shuffled(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const modulus = 2 ** 31 - 1;
  let state = 1;
  for (let last = count - 1; last > 0; last--) {
    state = (state * 48_271) % modulus;
    const other = Math.floor((state / modulus) * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other] ?? 0, numbers[last] ?? 0];
  }
  return numbers;
}

function channelName(index: number): string {
  return `c${String(index).padStart(4, '0')}`;
}
