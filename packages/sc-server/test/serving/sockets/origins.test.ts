import { describe, expect, it } from '@jest/globals';
import { isAllowed } from '../origin-support.js';

describe('the origin check', () => {
  it('lets in whoever names the host that it calls without a scheme, which no browser does', () => {
    expect(isAllowed([], { origin: 'chat.example.com:8000', host: 'chat.example.com:8000' })).toBe(true);
    expect(isAllowed([], { origin: '127.0.0.1:8000', host: '127.0.0.1:8000' })).toBe(true);
  });

  it('refuses other names without a scheme, and null', () => {
    expect(isAllowed([], { origin: 'evil.example.com:8000', host: 'chat.example.com:8000' })).toBe(false);
    expect(isAllowed([], { origin: 'evilchat.example.com', host: 'chat.example.com' })).toBe(false);
    expect(isAllowed([], { origin: 'null', host: 'null' })).toBe(false);
    expect(isAllowed([], { origin: 'file://', host: 'chat.example.com' })).toBe(false);
    expect(isAllowed([], { origin: 'chat.example.com', host: undefined })).toBe(false);
  });
});
