import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { closeCodes, type ClientFrame, type CloseCodeName } from 'sc-protocol';
import { SCServer } from '../../src/server/sc-server.js';
import { namesOfTests } from './names-of-tests.js';

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Where each frame that a client may send is tested. */
const frames: Readonly<Record<ClientFrame['type'], string>> = {
  authenticate: 'frames/authenticate.test.ts',
  deauthenticate: 'frames/deauthenticate.test.ts',
  disconnect: 'frames/disconnect.test.ts',
  event: 'frames/event.test.ts',
  handshake: 'frames/handshake.test.ts',
  history: 'frames/history.test.ts',
  members: 'presence/presence.test.ts',
  pong: 'sockets/heartbeat.test.ts',
  presence: 'presence/presence.test.ts',
  publish: 'frames/publish.test.ts',
  raw: 'frames/raw.test.ts',
  response: 'frames/response.test.ts',
  subscribe: 'frames/subscribe.test.ts',
  unsubscribe: 'frames/unsubscribe.test.ts',
};

/** Codes that this server never closes with: they are another server's or the client's word, or what a lost connection has. */
const unsaid: ReadonlySet<CloseCodeName> = new Set([
  'noStatus',
  'hungUp',
  'pingTimeout',
  'handshakeFailed',
  'connectTimeout',
]);

/** Codes that are said, or heard, as what another file is about. */
const elsewhere: Readonly<Partial<Record<CloseCodeName, string>>> = {
  policyViolation: 'limits/fragments.test.ts',
  tooBig: 'limits/message-bytes.test.ts',
  slowConsumer: 'limits/pending-bytes.test.ts',
  serviceRestart: '../cluster/moves.test.ts',
};

describe('every feature has its tests', () => {
  const lines = Object.entries(SCServer).filter(([name]) => name.startsWith('MIDDLEWARE_'));

  it.each(lines)('%s', (_name, line) => {
    const { titles } = namesOfTests(`middleware/${kebab(String(line))}.test.ts`);
    expect(titles[0]).toBe(`the middleware line ${String(line)}`);
    expect(titles.length).toBeGreaterThan(3);
  });

  it('and every line has a constant', () => {
    // The forms in which a line may be given have a file of their own.
    const files = readdirSync(new URL('./middleware/', import.meta.url)).filter((file) => file !== 'forms.test.ts');
    expect(files.sort()).toEqual([...new Set(lines.map(([, line]) => `${kebab(String(line))}.test.ts`))].sort());
  });

  it.each(Object.entries(frames))('the frame %s', (_type, file) => {
    expect(namesOfTests(file).titles.length).toBeGreaterThan(1);
  });

  it.each(Object.entries(closeCodes) as [CloseCodeName, number][])('the close code %s (%d)', (name, code) => {
    const closing = namesOfTests('close-codes/close-codes.test.ts');
    const { text, titles } = namesOfTests(elsewhere[name] ?? 'close-codes/close-codes.test.ts');
    const isTested = new RegExp(`\\b${code}\\b`).test(titles.join()) || text.includes(`code: ${code},`);
    // A close without a code is still reported to the application with a code.
    if (name === 'hungUp') expect(closing.titles.join()).toContain('1006');
    else expect({ name, isTested }).toEqual({ name, isTested: !unsaid.has(name) });
    const source = readFileSync(new URL('../../src/socket/socket-core.ts', import.meta.url), 'utf8');
    if (unsaid.has(name)) expect(source).not.toContain(`closeCodes.${name}`);
  });
});
