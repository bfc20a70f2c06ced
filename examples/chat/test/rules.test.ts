import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import type { SCClientSocket } from 'sc-client';
import { createCleanup, waitFor } from 'sc-testkit';
import { startChat } from './support.js';
import type { Chat } from './support.js';

const cleanup = createCleanup();
let chat: Chat;
let socket: SCClientSocket;

beforeAll(async () => {
  chat = await startChat(cleanup);
});
afterAll(() => cleanup.run());
beforeEach(() => {
  const url = `${chat.url.replace('http', 'ws')}/socketcluster/`;
  socket = cleanup.add(connect({ url }), (opened) => opened.disconnect());
});

describe('the rules of the chat', () => {
  it('brings what is said with the name that the server knows', async () => {
    await expect(socket.invoke('enter', '  Ada\n Lovelace ')).resolves.toBe('Ada Lovelace');
    const received: unknown[] = [];
    const lobby = socket.subscribe('chat/lobby').watch((message) => received.push(message));
    await waitFor(() => lobby.isSubscribed(), { what: 'the subscription' });
    await socket.invoke('say', { channel: 'lobby', text: ' hello ', from: 'somebody else' });
    await waitFor(() => received.length === 1, { what: 'the message' });
    expect(received).toEqual([
      { from: 'Ada Lovelace', text: 'hello', at: expect.any(Number), worker: expect.any(Number) },
    ]);
  });

  it('lets nobody speak without a name', async () => {
    await expect(socket.invoke('say', { channel: 'lobby', text: 'hello' })).rejects.toThrow(
      'Please enter a name first.',
    );
  });

  it.each(['', '   ', 'x'.repeat(25), null, 7, {}])('refuses the name %j', async (name) => {
    await expect(socket.invoke('enter', name)).rejects.toThrow(/^Please /);
  });

  it.each(['', ' \n ', 'x'.repeat(501), null])('refuses the text %j', async (text) => {
    await socket.invoke('enter', 'Ada');
    await expect(socket.invoke('say', { channel: 'lobby', text })).rejects.toThrow(/^Please /);
  });

  it('lets clients neither publish themselves nor subscribe to anything but the chat', async () => {
    await expect(socket.channel('chat/lobby').publish('forged')).rejects.toThrow('Please use the procedure "say".');
    const other = socket.channel('other');
    const refusal = new Promise((resolve) => other.once('subscribeFail', resolve));
    other.subscribe();
    await expect(refusal).resolves.toMatchObject({ message: 'There is no channel other.' });
  });

  it('forgets who left', async () => {
    await socket.invoke('enter', 'Ada');
    await socket.invoke('leave');
    await expect(socket.invoke('say', { channel: 'lobby', text: 'hello' })).rejects.toThrow(
      'Please enter a name first.',
    );
  });
});
