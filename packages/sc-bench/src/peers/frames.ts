import type { Heartbeat, Step } from '../load/plan.js';
import type { Peer } from './peer.js';

type Spelling = Pick<Peer, 'subscribe' | 'publish' | 'echo' | 'deliveryStart'>;

/** The frames of SocketCluster and of the minimal servers that use its format. */
export const eventFrames: Spelling = {
  subscribe: (channel, cid) => ({
    send: JSON.stringify({ event: '#subscribe', data: { channel }, cid }),
    awaitFrames: 1,
  }),
  publish: (channel, data) => JSON.stringify({ event: '#publish', data: { channel, data } }),
  echo: (data, cid) => JSON.stringify({ event: 'echo', data, cid }),
  deliveryStart: '{"event":"#publish","data":{"channel":"',
};

export const socketIoFrames: Spelling = {
  subscribe: (channel, id) => ({ send: `42${id}${JSON.stringify(['subscribe', channel])}`, awaitFrames: 1 }),
  publish: (channel, data) => `42${JSON.stringify(['publish', channel, data])}`,
  echo: (data, id) => `42${id}${JSON.stringify(['echo', data])}`,
  deliveryStart: '42["publication","',
};

/** The handshake of a client. Clients that send their name and version get the newest dialect. */
export function handshake(client?: object): Step {
  const data = { authToken: null, ...(client && { client, features: [] }) };
  return { send: JSON.stringify({ event: '#handshake', data, cid: 1 }), awaitFrames: 1 };
}

export const textHeartbeats: readonly Heartbeat[] = [
  { ping: '', pong: '' },
  { ping: '#1', pong: '#2' },
];
