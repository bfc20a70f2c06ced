import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawSocket, waitFor, type RawSocket } from 'sc-testkit';
import { hostileMessage, randomFrom, recordedMessages } from '../src/hostile-messages.js';
import { startServer, type TestServer } from '../src/server.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
/** Messages in a run; some 20 seconds. */
const count = 200_000 * Number(process.env['FUZZ_SCALE'] ?? 1);
/** Sockets that talk at the same time. */
const talkers = 8;
/** Messages in a lot; what comes after a bad one is tried too. */
const longestLot = 40;
/** How much more heap the server may hold when all is over: 10 bytes for each message. */
const heapSlackBytes = 2_000_000;

/** Codes with which a server may end a client that talks nonsense. */
const documented = [1000, 1002, 1007, 1008, 1009, 4008, 4009, 4010];

const recorded = recordedMessages();

interface Load {
  /** Messages that the server has taken from sockets that have shaken hands. */
  readonly heard: number;
  /** Without garbage. */
  readonly heapBytes: number;
}

describe(`hostile messages against a live server (FUZZ_SEED=${seed})`, () => {
  let server: TestServer;
  let url: string;
  let bystander: RawSocket;
  beforeAll(async () => {
    server = await startServer({ inboundRate: 0, connectionRate: 0, pingInterval: 5000, pingTimeout: 20_000 });
    url = `ws://127.0.0.1:${server.port}/socketcluster/`;
    bystander = await rawSocket(url);
    await bystander.handshake();
  });
  afterAll(async () => {
    bystander.terminate();
    await server.stop();
  });

  /** Sends so many messages over one socket after the other. Returns the codes with which they ended. */
  const talk = async (messages: number, seedOfTalker: number): Promise<ReadonlySet<number>> => {
    const random = randomFrom(seedOfTalker);
    const codes = new Set<number>();
    for (let left = messages; left > 0;) {
      const socket = await rawSocket(url);
      // Some talk before they have shaken hands.
      if (random(20) > 0) await socket.handshake();
      for (let lot = Math.min(left, 1 + random(longestLot)); lot > 0; lot--, left--)
        socket.send(hostileMessage(recorded, random));
      socket.send('{');
      codes.add((await socket.closed).code);
    }
    return codes;
  };
  const talkAll = async (messages: number): Promise<number[]> => {
    const each = Array.from({ length: talkers }, (_, index) => talk(messages / talkers, seed + index * 104_729_003));
    return (await Promise.all(each)).flatMap((codes) => [...codes]);
  };
  const load = async (): Promise<Load> => (await bystander.call('load')).data as Load;

  it('end a socket with a documented code or are borne, disturb nobody else, and leave nothing behind', async () => {
    // Code is compiled and tables have grown when the first have been there.
    await talkAll(count / 10);
    const before = await load();

    const run = { isOver: false };
    const over = talkAll(count).finally(() => {
      run.isOver = true;
    });
    // It is waited for below; until then nobody would have heard of a failure.
    over.catch(() => undefined);
    let answered = 0;
    while (!run.isOver) expect((await bystander.call('echo', answered)).data).toBe(answered++);
    for (const code of await over) expect(documented).toContain(code);
    expect(answered).toBeGreaterThan(10);

    let after = await load();
    // A socket is ended by the first message that it must not send; most of what was sent came before that.
    expect(after.heard - before.heard).toBeGreaterThan(count / 2);
    const limit = before.heapBytes + heapSlackBytes;
    await waitFor(async () => (after = await load()).heapBytes < limit, {
      what: () => `the heap to be near ${before.heapBytes} bytes again; it is at ${after.heapBytes} bytes`,
    });
    expect((await bystander.call('echo', 'still here')).data).toBe('still here');
  }, 600_000);
});
