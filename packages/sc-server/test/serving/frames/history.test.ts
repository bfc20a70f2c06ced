import { describe, expect, it } from '@jest/globals';
import { settled, withServer } from '../support.js';

describe('the frame #history', () => {
  it(
    'is refused for a channel that the client is not subscribed to',
    withServer(async (server) => {
      const { raw } = await server.connect();
      expect((await raw.call('#history', { channel: 'x' })).error).toMatchObject({ code: 'SC_INVALID_ACTION' });
    }),
  );

  it(
    'gets no answer without a call id',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.emit('#history', { channel: 'x' });
      await settled(raw);
      expect(raw.frames.filter(({ rid }) => rid !== undefined)).toHaveLength(2);
    }),
  );
});
