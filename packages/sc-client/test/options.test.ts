import { describe, expect, it } from '@jest/globals';
import { type ClientOptions, type Platform, connect } from '../src/node/index.js';
import { resolveOptions } from '../src/options.js';
import { nodePlatform } from '../src/node/platform.js';
import { targetOf } from '../src/url.js';

const page = (href: string): Platform => ({ ...nodePlatform, location: new URL(href) });
const urlOf = (options: ClientOptions, platform: Platform = nodePlatform): string =>
  targetOf(resolveOptions(options), platform).url;

describe('options', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ ackTimeot: 5 }, '`ackTimeot` is not an option of connect; did you mean `ackTimeout`?'],
    [
      { autoProcessSubscriptions: true },
      '`autoProcessSubscriptions` is not an option of connect any more: use `autoSubscribeOnConnect`',
    ],
    [{ zzzzzzzzzzzzzzzzzzzzz: 1 }, '`zzzzzzzzzzzzzzzzzzzzz` is not an option of connect'],
    [{ constructor: 1 }, '`constructor` is not an option of connect'],
    [{ ackTimeout: 0 }, '`ackTimeout` must be whole milliseconds from 1 to 2147483647, got 0'],
    [{ ackTimeout: 2 ** 31 }, '`ackTimeout` must be whole milliseconds from 1 to 2147483647, got 2147483648'],
    [{ ackTimeout: NaN }, '`ackTimeout` must be whole milliseconds from 1 to 2147483647, got NaN'],
    [{ port: '8000' }, '`port` must be a whole number from 1 to 65535, got "8000"'],
    [{ path: 'socket' }, '`path` must be text beginning with /, got "socket"'],
    [{ url: 'ftp://x' }, '`url` must be text beginning with ws:// or wss:// or http:// or https://, got "ftp://x"'],
    [{ url: 'ws://x', port: 1 }, '`port` must be absent when there is a `url`, got 1'],
    [{ hostname: 'a b' }, '`hostname` must be a host name, got "a b"'],
    [
      { authEngine: {} },
      '`authEngine` must be an object with the functions loadToken, saveToken, removeToken, got an object',
    ],
    [{ codecEngine: 5 }, '`codecEngine` must be an object with the functions encode, decode, got 5'],
    [{ binaryType: 'blob' }, '`binaryType` must be one of "arraybuffer", got "blob"'],
    [{ protocolVersion: 3 }, '`protocolVersion` must be one of 1, 2, got 3'],
    [
      { autoReconnectOptions: { delay: 1 } },
      '`autoReconnectOptions.delay` is not an option of connect any more: use `initialDelay`',
    ],
    [
      { autoReconnectOptions: { maxDelay: -1 } },
      '`autoReconnectOptions.maxDelay` must be whole milliseconds from 0 to 2147483647, got -1',
    ],
    [{ outboxPolicy: 'wait' }, '`outboxPolicy` must be one of "refuse", "dropOldest", got "wait"'],
  ])('%j are refused', (options, message) => {
    expect(() => connect(options)).toThrow(expect.objectContaining({ name: 'InvalidOptionsError', message }));
  });

  it('are all refused in one error', () => {
    const options = { ackTimeot: 5, port: '8000', url: 'ws://x', path: '/a', autoReconnectOptions: { delay: 1 } };
    expect(() => connect(options as unknown as ClientOptions)).toThrow(
      expect.objectContaining({
        errors: ['ackTimeot', 'port', 'path', 'autoReconnectOptions.delay'].map((option) =>
          expect.objectContaining({ option }),
        ),
      }),
    );
  });

  it('are not given when they are null', () => {
    const names = ['url', 'port', 'hostname', 'secure', 'path', 'query', 'auth', 'codecEngine', 'autoReconnectOptions'];
    const none = Object.fromEntries(names.map((name) => [name, null])) as ClientOptions;
    const socket = connect({ ...none, autoConnect: false });
    expect(socket.state).toBe('closed');
    expect(urlOf(none)).toBe('ws://localhost/socketcluster/');
  });

  it('have defaults, and undefined counts as absent', () => {
    expect(resolveOptions({ port: undefined, ackTimeout: undefined })).toEqual({
      path: '/socketcluster/',
      ackTimeout: 10_000,
      connectTimeout: 20_000,
      autoConnect: true,
      autoReconnect: true,
      autoReconnectOptions: { initialDelay: 200, randomness: 1300, multiplier: 2, maxDelay: 30_000 },
      autoSubscribeOnConnect: true,
      protocolVersion: 2,
      pingTimeoutDisabled: false,
      outboxLimit: 1000,
      outboxTimeout: 60_000,
      outboxPolicy: 'refuse',
    });
  });
});

describe('the URL', () => {
  it.each<[ClientOptions, string]>([
    [{}, 'ws://localhost/socketcluster/'],
    [{ port: 8000 }, 'ws://localhost:8000/socketcluster/'],
    [{ secure: true }, 'wss://localhost/socketcluster/'],
    [{ secure: true, port: 443, path: '/rt' }, 'wss://localhost:443/rt'],
    [{ host: 'example.com:81', query: 'a=1' }, 'ws://example.com:81/socketcluster/?a=1'],
    [{ hostname: '::1', port: 8000 }, 'ws://[::1]:8000/socketcluster/'],
    [{ query: { a: 1, b: [true, 'x&y'] } }, 'ws://localhost/socketcluster/?a=1&b=true&b=x%26y'],
    [{ url: 'https://example.com' }, 'wss://example.com/socketcluster/'],
    [{ url: 'ws://example.com:81/own/?a=1' }, 'ws://example.com:81/own/?a=1'],
  ])('of %j is %s', (options, url) => {
    expect(urlOf(options)).toBe(url);
  });

  it('follows the page unless told otherwise', () => {
    expect(urlOf({}, page('https://example.com:8443/x'))).toBe('wss://example.com:8443/socketcluster/');
    expect(urlOf({}, page('http://example.com/x'))).toBe('ws://example.com/socketcluster/');
    expect(urlOf({ port: 9 }, page('https://example.com:8443/x'))).toBe('wss://example.com:9/socketcluster/');
    expect(urlOf({ hostname: 'api.example.com' }, page('https://example.com:8443/x'))).toBe(
      'wss://api.example.com/socketcluster/',
    );
  });
});
