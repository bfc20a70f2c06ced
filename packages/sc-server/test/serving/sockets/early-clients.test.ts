import { describe, expect, it } from '@jest/globals';
import { closeCodes, InvalidArgumentsError } from 'sc-protocol';
import { waitFor } from 'sc-testkit';
import { withServer, type Client, type TestServer } from '../support.js';

/** Connects as a client of generation C, which knows one ping, and waits until the server knows that. */
async function connectEarly({ connect }: TestServer): Promise<Client> {
  const client = await connect({ answersPings: false });
  await waitFor(() => client.raw.messages.includes('1'), { what: 'the ping of generation C' });
  client.raw.send('2');
  await client.raw.call('settled');
  return client;
}

describe('clients of generation C', () => {
  it(
    'get the name and the message of an error, which is all they know',
    withServer(async (server) => {
      const { raw, socket } = await connectEarly(server);
      socket.on('fail', (_data, respond) => respond(new InvalidArgumentsError('Wrong', { field: 'a' })));
      expect((await raw.call('fail')).error).toEqual({ name: 'InvalidArgumentsError', message: 'Wrong' });
    }),
  );

  it(
    'are closed with a code after which they come back, when the server goes or they broke a rule',
    withServer(async (server) => {
      const broken = await connectEarly(server);
      broken.raw.send('{');
      expect((await broken.raw.closed).code).toBe(closeCodes.handshakeFailed);
      const left = await connectEarly(server);
      await server.scServer.close();
      expect((await left.raw.closed).code).toBe(closeCodes.handshakeFailed);
    }),
  );

  it(
    'are closed with the code that the application gives',
    withServer(async (server) => {
      for (const code of [1000, 4321, 4500]) {
        const { raw, socket } = await connectEarly(server);
        socket.disconnect(code, 'because');
        expect(await raw.closed).toEqual({ code, reason: 'because' });
      }
    }),
  );
});
