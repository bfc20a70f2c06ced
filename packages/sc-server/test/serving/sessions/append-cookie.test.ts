import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { appendCookie } from '../../../src/http/append-cookie.js';

describe('the cookie of a session', () => {
  it.each<[string, (response: ServerResponse) => unknown, string[]]>([
    ['alone', (response) => response.end(), ['s=1']],
    ['beside one that was set', (response) => response.setHeader('Set-Cookie', 'a=1').end(), ['a=1', 's=1']],
    [
      'beside two',
      (response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=1'] }).end(),
      ['a=1', 'b=1', 's=1'],
    ],
    [
      'beside one of a head',
      (response) => response.writeHead(200, 'OK', { 'Set-Cookie': 'a=1' }).end(),
      ['a=1', 's=1'],
    ],
    ['with other headers', (response) => response.writeHead(204, { 'x-a': '1' }).end(), ['s=1']],
    ['in a list', (response) => response.writeHead(200, ['Set-Cookie', 'a=1']).end(), ['a=1', 's=1']],
    ['when the body comes at once', (response) => response.write('x') && response.end(), ['s=1']],
  ])('goes out %s', async (_how, answer, expected) => {
    const server = createServer((_request, response) => {
      appendCookie(response, 's=1');
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(headers.getSetCookie()).toEqual(expected);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
