import { describe, expect, it } from '@jest/globals';
import { cookieTokenStore } from '../src/cookie.js';

describe('a token store of cookies', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ pth: '/' }, '`pth` is not an option of a cookie, which are path, domain, secure, sameSite, maxAgeSeconds'],
    [{ path: '/; domain=evil' }, '`path` must be text beginning with / and without ;, got "/; domain=evil"'],
    [{ domain: 'a;b' }, '`domain` must be a domain, got "a;b"'],
    [{ secure: 1 }, '`secure` must be true or false, got 1'],
    [{ sameSite: 'some' }, '`sameSite` must be "strict", "lax" or "none", got "some"'],
    [{ maxAgeSeconds: 0 }, '`maxAgeSeconds` must be a whole number from 1, got 0'],
  ])('refuses %j', (options, message) => {
    expect(() => cookieTokenStore(options)).toThrow(expect.objectContaining({ name: 'InvalidOptionsError', message }));
  });

  it('says so where there are no cookies', () => {
    expect(() => cookieTokenStore()).toThrow(
      expect.objectContaining({ name: 'InvalidActionError', message: '`document.cookie` is not available' }),
    );
  });
});
