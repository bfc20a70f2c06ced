import { describe, expect, it } from '@jest/globals';
import type { Respond } from '../../../src/app-types.js';
import { withServer } from '../support.js';

describe('the unanswered calls of a client', () => {
  it(
    'may be maxOutstandingCalls; one more gets an error, and room comes with each answer',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const waiting: Respond[] = [];
        socket.on('slow', (_data, respond) => void waiting.push(respond));
        for (let cid = 100; cid < 103; cid++) raw.sendFrame({ event: 'slow', cid });
        expect((await raw.call('slow')).error).toEqual({
          name: 'ResourceLimitError',
          message: 'At most 3 calls of a socket may be unanswered',
          code: 'SC_RESOURCE_LIMIT',
          limit: 'maxOutstandingCalls',
        });
        expect(waiting).toHaveLength(3);
        waiting[0]?.(null, 'done');
        raw.sendFrame({ event: 'slow', cid: 103 });
        await raw.call('#unsubscribe', 'x');
        expect(waiting).toHaveLength(4);
        expect(server.scServer.stats().limitHits.outstandingCalls).toBe(1);
      },
      { maxOutstandingCalls: 3 },
    ),
  );

  it(
    'answers 10,000 calls of a slow procedure: 256 by the procedure, the rest with an error; others are served',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const other = await server.connect();
        other.socket.handle('quick', () => 'here');
        let finish = (): void => undefined;
        const finished = new Promise<void>((resolve) => {
          finish = resolve;
        });
        socket.handle('slow', () => finished);
        for (let cid = 10; cid < 10_010; cid += 1000) {
          raw.sendFrame(Array.from({ length: 1000 }, (_, index) => ({ event: 'slow', cid: cid + index })));
        }
        expect(await other.raw.call('quick')).toMatchObject({ data: 'here' });
        await raw.next(({ rid }) => rid === 10_009);
        const answers = raw.frames.filter(({ rid }) => Number(rid) >= 10);
        expect(answers).toHaveLength(10_000 - 256);
        expect(answers.every(({ error }) => (error as Error).name === 'ResourceLimitError')).toBe(true);
        finish();
        await raw.next(({ rid }) => rid === 10 + 255);
        expect(server.scServer.stats().limitHits.outstandingCalls).toBe(10_000 - 256);
      },
      { inboundRate: 0 },
    ),
  );

  it(
    'do not count events that want no answer, nor calls answered at once',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        let count = 0;
        socket.on('note', () => void (count += 1));
        socket.on('echo', (data, respond) => respond(null, data));
        for (let i = 0; i < 10; i++) raw.emit('note');
        for (let i = 0; i < 10; i++) expect((await raw.call('echo', i)).data).toBe(i);
        expect(count).toBe(10);
      },
      { maxOutstandingCalls: 1 },
    ),
  );
});
