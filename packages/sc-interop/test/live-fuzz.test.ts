import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawSocket, type RawSocket } from 'sc-testkit';
import { startServer, type TestServer } from '../src/server.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
/** FUZZ_SCALE=100 sends 200,000 messages. */
const count = 2000 * Number(process.env['FUZZ_SCALE'] ?? 1);

/** Codes with which a server may end a client that talks nonsense. */
const documented = [1000, 1002, 1007, 1008, 1009, 4008, 4009, 4010];

const corpus = ['v2', 'v1', 'v0', 'invalid']
  .flatMap((name) => {
    const file = new URL(`../../sc-protocol/vectors/${name}.json`, import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as { text: string }[]).map(({ text }) => text);
  })
  // With this frame a client ends its socket with a code of its own.
  .filter((text) => !text.includes('#disconnect'));
const tokens = [
  '"cid":',
  '"rid":',
  '"__proto__":',
  '\\ud800',
  '1e999',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  '#2',
  '\u0000',
  '[[',
];

function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function mutated(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  switch (random(4)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random(0xd800)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + (tokens[random(tokens.length)] ?? '') + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + random(20));
    default:
      return text;
  }
}

describe(`mutated messages against a live server (FUZZ_SEED=${seed})`, () => {
  let server: TestServer;
  let url: string;
  beforeAll(async () => {
    server = await startServer({ inboundRate: 0, connectionRate: 0, pingInterval: 5000, pingTimeout: 20_000 });
    url = `ws://127.0.0.1:${server.port}/socketcluster/`;
  });
  afterAll(() => server.stop());

  it('end a socket with a documented code or are borne, and disturb nobody else', async () => {
    const random = randomFrom(seed);
    const bystander = await rawSocket(url);
    await bystander.handshake();
    const codes = new Set<number>();
    const open = async (): Promise<RawSocket> => {
      const socket = await rawSocket(url);
      // Some talk before they have shaken hands.
      if (random(20) > 0) await socket.handshake();
      return socket;
    };
    let socket = await open();
    for (let sent = 0; sent < count;) {
      // In small lots, so that what comes after a bad one is tried too.
      for (let lot = 0; lot < 5; lot++, sent++) {
        let text = corpus[random(corpus.length)] ?? '';
        for (let left = random(3); left > 0; left--) text = mutated(text, random);
        socket.send(text);
      }
      socket.send('{');
      codes.add((await socket.closed).code);
      socket = await open();
      if (sent % 500 === 0) expect((await bystander.call('echo', sent)).data).toBe(sent);
    }
    await socket.close();
    for (const code of codes) expect(documented).toContain(code);
    expect((await bystander.call('echo', 'still here')).data).toBe('still here');
    await bystander.close();
  }, 300_000);
});
