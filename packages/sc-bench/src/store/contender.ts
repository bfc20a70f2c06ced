import { createClient } from '@redis/client';
import { NdataClient } from 'ndata-store';

/** A link to either store. */
export interface StoreLink {
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  publish(channel: string, payload: string): Promise<unknown>;
  subscribe(channel: string, listener: () => void): Promise<void>;
  close(): Promise<void>;
}

export type ContenderName = 'redis' | 'ndata-store';

/** Connects through a Unix socket, with the defaults of the client. */
export async function openLink(name: ContenderName, socketPath: string): Promise<StoreLink> {
  return name === 'redis' ? openRedis(socketPath) : openNdata(socketPath);
}

async function openRedis(socketPath: string): Promise<StoreLink> {
  const client = createClient({ socket: { path: socketPath, tls: false } });
  client.on('error', (error) => {
    throw error;
  });
  await client.connect();
  return {
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    publish: (channel, payload) => client.publish(channel, payload),
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    close: () => client.close(),
  };
}

async function openNdata(socketPath: string): Promise<StoreLink> {
  const client = new NdataClient({ socketPath });
  await client.hasKey('any');
  return {
    set: (key, value) => client.set(key, value),
    get: (key) => client.get(key),
    publish: (channel, payload) => client.publish(channel, payload),
    subscribe: async (channel, listener) => {
      client.on('message', listener);
      await client.subscribe(channel);
    },
    close: () => client.close(),
  };
}
