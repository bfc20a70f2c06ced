import assert from 'node:assert/strict';
import { waitFor, withDeadline } from '../../wait-for.js';
import { serverCase, type ServerCheck } from '../server-target.js';

const pongs: Readonly<Record<string, string>> = { '': '', '#1': '#2', '1': '2' };

/**
 * Checks that a client with a single ping form stays connected beyond the ping timeout, and receives other forms at
 * most once.
 */
async function checkPing(check: ServerCheck, ping: string): Promise<void> {
  const socket = await check.open({ answersPings: false });
  const { pingTimeout } = await socket.handshake();
  const end = performance.now() + pingTimeout * 1.5;
  const seen = (text: string) => socket.messages.filter((message) => message === text).length;
  let answered = 0;
  let isClosed = false;
  void socket.closed.then(() => (isClosed = true));
  await waitFor(
    () => {
      for (; answered < seen(ping); answered++) socket.send(pongs[ping] ?? '');
      return isClosed || performance.now() > end;
    },
    { deadlineMs: pingTimeout * 3, what: 'one and a half ping timeouts to pass' },
  );
  assert.equal(isClosed, false, 'the socket is still open');
  assert.ok(answered >= 2, `saw ${answered} pings`);
  for (const other of Object.keys(pongs))
    if (other !== ping) assert.ok(seen(other) <= 1, `saw "${other}" ${seen(other)} times`);
}

export const pingCases = [
  serverCase('pings a client of protocol v2 with empty text', (check) => checkPing(check, '')),
  serverCase('pings a client of protocol v1 with #1', (check) => checkPing(check, '#1')),
  serverCase('pings a client of generation C with 1', (check) => checkPing(check, '1')),

  serverCase('pings a client that announces itself with empty text and nothing else', async (check) => {
    const socket = await check.open();
    const client = { name: 'conformance', version: '1.0.0' };
    await socket.call('#handshake', { authToken: null, client, features: [] });
    await waitFor(() => socket.messages.filter((message) => message === '').length >= 2, {
      deadlineMs: 60_000,
      what: 'two pings',
    });
    assert.ok(!socket.messages.includes('#1') && !socket.messages.includes('1'));
  }),

  serverCase('closes with 4001 when a client is silent', async (check) => {
    const socket = await check.open({ answersPings: false });
    const { pingTimeout } = await socket.handshake();
    const late = pingTimeout * 3 + 1000;
    const { code } = await withDeadline(socket.closed, { deadlineMs: late, what: 'the close' });
    assert.equal(code, 4001);
  }),
];
