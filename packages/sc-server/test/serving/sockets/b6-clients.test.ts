import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { withServer } from '../support.js';

const b6 = { legacyDialects: ['b6'] as const, authCookieName: 'n/app/auth' };
const isStatus = ({ event }: Readonly<Record<string, unknown>>) => event === '#status';

describe('clients of generation B6', () => {
  it(
    'are greeted when they say nothing, pinged as they know it, and get answers',
    withServer(async ({ open }) => {
      const raw = await open();
      const { data } = await raw.next(isStatus, { what: '#status' });
      expect(data).toEqual({ id: expect.any(String), isAuthenticated: false, pingTimeout: 20_000 });
      expect(raw.frames.map(({ event }) => event)).toEqual(['#ready', '#status']);
      await raw.call('#subscribe', 'news');
      await raw.call('#publish', { channel: 'news', data: 1 });
      const { data: publication } = await raw.next(({ event }) => event === '#publish');
      expect(publication).toEqual({ channel: 'news', data: 1 });
      expect(raw.messages.filter((message) => typeof message === 'string' && message.length < 3)).toEqual(['1']);
    }, b6),
  );

  it(
    'are greeted at once when they begin with another frame, which is then handled',
    withServer(async ({ open }) => {
      const raw = await open();
      const answer = raw.call('#subscribe', 'news');
      await raw.next(isStatus, { what: '#status' });
      expect((await answer).error).toBeUndefined();
      expect(raw.frames.map(({ event, rid }) => event ?? rid)).toEqual(['#ready', '#status', 1]);
    }, b6),
  );

  it(
    'keep their token in a cookie that the server names',
    withServer(async ({ open, scServer }) => {
      const raw = await open();
      const { data } = await raw.next(isStatus, { what: '#status' });
      const socket = scServer.clients[(data as { id: string }).id];
      void socket?.setAuthToken({ username: 'ada' });
      const frame = await raw.next(({ event }) => event === '#setAuthToken');
      expect(frame).toMatchObject({ data: { token: expect.any(String), cookieName: 'n/app/auth' } });
      raw.sendFrame({ rid: frame['cid'] });

      const { token } = frame['data'] as { token: string };
      const next = await open({ headers: { Cookie: `other=1; n/app/auth=${token}` } });
      expect((await next.next(isStatus))['data']).toMatchObject({ isAuthenticated: true });
      const bad = await open({ headers: { Cookie: 'n/app/auth=nonsense' } });
      expect((await bad.next(isStatus))['data']).toMatchObject({
        isAuthenticated: false,
        authError: { name: 'AuthTokenInvalidError' },
      });
    }, b6),
  );

  it(
    'are not logged in by their cookie on a page that is not listed by name',
    withServer(
      async ({ open, scServer }) => {
        const Cookie = `n/app/auth=${await scServer.signAuthToken({ username: 'ada' })}`;
        const stranger = await open({ headers: { Cookie, Origin: 'https://evil.example' } });
        expect((await stranger.next(isStatus))['data']).toMatchObject({ isAuthenticated: false });
        const listed = await open({ headers: { Cookie, Origin: 'https://app.example.com' } });
        expect((await listed.next(isStatus))['data']).toMatchObject({ isAuthenticated: true });
      },
      { ...b6, origins: ['*', 'https://app.example.com'] },
    ),
  );

  it(
    'do not get in the way of clients that begin with a handshake',
    withServer(async ({ connect }) => {
      const { raw, socket } = await connect();
      socket.on('echo', (data, respond) => respond(null, data));
      await waitFor(() => raw.messages.includes('1'), { what: 'the pings' });
      expect((await raw.call('echo', 1)).data).toBe(1);
      expect(raw.frames.some(isStatus)).toBe(false);
    }, b6),
  );

  it(
    'are not served unless that is asked for',
    withServer(async ({ open }) => {
      const raw = await open();
      raw.sendFrame({ event: '#subscribe', data: 'news', cid: 1 });
      expect((await raw.closed).code).toBe(4009);
    }),
  );
});
