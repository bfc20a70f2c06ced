import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { closeCodeRegistry, errorRegistry } from 'sc-protocol';
import { headings, root, textOf } from './pages.js';

const sourceOf = (file: string) => readFileSync(join(root, 'packages', file), 'utf8');

/** The name that the page uses for each emitter, and the source of its events. */
const emitters = {
  cluster: ['sc-server/src/cluster/cluster-events.ts', 'ClusterEvents'],
  worker: ['sc-server/src/cluster/children/sc-worker.ts', 'WorkerEvents'],
  server: ['sc-server/src/server/events.ts', 'ServerEvents'],
  socket: ['sc-server/src/socket/events.ts', 'SocketEvents'],
  exchange: ['sc-server/src/channels/exchange.ts', 'ExchangeEvents'],
  client: ['sc-client/src/events.ts', 'SocketEvents'],
  channel: ['sc-channel/src/channel-state.ts', 'ChannelEvents'],
  'ndata-server': ['ndata-store/src/server/ndata-server.ts', 'NdataServerEvents'],
  store: ['ndata-store/src/store.ts', 'StoreEvents'],
  controller: ['ndata-store/src/controller/store-controller.ts', 'StoreControllerEvents'],
} as const;

/** The event names that a type declares. */
function eventsOf(file: string, type: string): string[] {
  const body = new RegExp(`(?:interface|type) ${type}\\b[^{]*\\{\\n([^]*?)\\n\\}`).exec(sourceOf(file))?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+): [[(]/gm)].map(([, name = '']) => name);
}

describe('events.md', () => {
  const found = headings(textOf('events.md'), 3);

  it.each(Object.entries(emitters))('has one heading for every event of the %s, and for nothing else', (word, at) => {
    const declared = eventsOf(at[0], at[1]).map((name) => `${word} ${name}`);
    expect(declared).not.toEqual([]);
    expect(found.filter((heading) => heading.startsWith(`${word} `)).sort()).toEqual(declared.sort());
  });

  it('knows no other emitter', () => {
    expect(found.filter((heading) => !Object.hasOwn(emitters, heading.split(' ')[0] ?? ''))).toEqual([]);
  });
});

describe('close-codes.md', () => {
  it('has one heading for every code, with its name and what a client does', () => {
    const advice = { now: 'reconnects immediately', backoff: 'reconnects with backoff', never: 'does not reconnect' };
    const text = textOf('close-codes.md').replace(/\s+/g, ' ');
    expect(headings(textOf('close-codes.md'), 2)).toEqual(closeCodeRegistry.map(({ code }) => String(code)));
    for (const { code, name, reconnect } of closeCodeRegistry) {
      const section = text.split(`## ${code} `)[1]?.split(' ## ')[0] ?? '';
      expect(section).toMatch(new RegExp(`^\`${name}\`\\. .+ The client ${advice[reconnect]}\\.`));
    }
  });
});

describe('errors.md', () => {
  it('has one heading for every error', () => {
    expect(headings(textOf('errors.md'), 2)).toEqual(errorRegistry.map(({ name }) => name));
  });
});
