import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('data that is no frame', () => {
  it(
    'goes to the application as a raw event; every message is a message event',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const values: unknown[] = [];
      const messages: unknown[] = [];
      socket.on('raw', (value) => void values.push(value));
      socket.on('message', (message) => void messages.push(message));
      raw.send('plain text');
      raw.send('{"neither":"event nor answer"}');
      raw.send('7');
      await raw.call('#unsubscribe', 'x');
      expect(values).toEqual(['plain text', { neither: 'event nor answer' }, '7']);
      expect(messages.slice(0, 3)).toEqual(['plain text', '{"neither":"event nor answer"}', '7']);
    }),
  );

  it(
    'can be sent to the client with send',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.send('"hello"');
      await raw.call('#unsubscribe', 'x');
      expect(raw.messages).toContain('"hello"');
    }),
  );
});
