import { describe, expect, it } from '@jest/globals';
import { type SCClientSocket, connect } from 'sc-client';
import { waitFor } from 'sc-testkit';
import { withCleanup, startServer, type TestServer } from '../support.js';

/** How long the pages listen; `RENEWAL_SECONDS=60` is the long form. */
const seconds = Number(process.env['RENEWAL_SECONDS'] ?? 5);
const publicationsPerSecond = 20;
const renewalMs = 2000;

/** One way for a page to get its next token, every two seconds. Returns what stops it. */
type Renewal = (server: TestServer, sign: () => Promise<string>) => { socket: SCClientSocket; stop: () => void };

function open({ port }: TestServer, auth?: () => Promise<string>): SCClientSocket {
  return connect({ hostname: '127.0.0.1', port, ...(auth && { auth }) });
}

function every(run: () => Promise<unknown>): () => void {
  const timer = setInterval(() => void run(), renewalMs);
  return () => clearInterval(timer);
}

const renewals: Readonly<Record<string, Renewal>> = {
  // A token that lives four seconds is renewed when about half of its time is over.
  'by the option `auth`': (server, sign) => ({ socket: open(server, sign), stop: () => undefined }),
  'by authenticate()': (server, sign) => {
    const socket = open(server);
    const renew = async (): Promise<void> => socket.authenticate(await sign());
    void renew();
    return { socket, stop: every(renew) };
  },
  'by the server': (server) => {
    const socket = open(server);
    const renew = async (): Promise<unknown> => socket.invoke('renew');
    void renew();
    return { socket, stop: every(renew) };
  },
};

describe('a page whose token is renewed every two seconds while publications arrive on a private channel', () => {
  it.each(Object.entries(renewals))(
    '%s gets each of them once',
    (_name, renewal) =>
      withCleanup(async (cleanup) => {
        const server = await startServer(cleanup);
        const { scServer } = server;
        const claims = { username: 'ada' };
        let signed = 0;
        const sign = (): Promise<string> => {
          signed++;
          return scServer.signAuthToken(claims, { expiresInSeconds: 4 });
        };
        // The question takes longer than the time between two publications.
        scServer.addMiddleware('subscribe', async ({ socket }) => {
          await new Promise((resolve) => setTimeout(resolve, 80));
          if (socket.authToken?.['username'] !== 'ada') throw new Error('Denied');
        });
        scServer.on('connection', (socket) => {
          socket.handle('renew', async () => {
            signed++;
            await socket.setAuthToken(claims, { expiresInSeconds: 4 });
          });
        });
        const { socket, stop } = renewal(server, sign);
        cleanup.add(socket, (one) => one.destroy());
        cleanup.add(stop, (one) => one());
        const received: unknown[] = [];
        const ends: unknown[] = [];
        const channel = socket.channel('private/ada');
        channel.watch((number) => received.push(number));
        for (const event of ['unsubscribe', 'subscribeFail', 'kickOut'] as const)
          channel.on(event, () => ends.push(event));
        socket.on('deauthenticate', () => ends.push('deauthenticate'));
        channel.subscribe({ waitForAuth: true });
        await waitFor(() => channel.isSubscribed(), { what: 'the subscription' });

        let published = 0;
        const end = performance.now() + seconds * 1000;
        while (performance.now() < end) {
          await scServer.exchange.publish('private/ada', published++);
          await new Promise((resolve) => setTimeout(resolve, 1000 / publicationsPerSecond));
        }
        await waitFor(() => received.length >= published, { what: 'the last publication' });
        expect([ends, received]).toEqual([[], Array.from({ length: published }, (_, index) => index)]);
        // Not about a token that was never renewed.
        expect(signed).toBeGreaterThan(2);
      })(),
    seconds * 1000 + 30_000,
  );
});
