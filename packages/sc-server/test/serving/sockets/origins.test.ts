import { describe, expect, it } from '@jest/globals';
import { createOriginCheck } from '../../../src/http/origins.js';

describe('the origin check', () => {
  it('lets in whoever names the host that it calls without a scheme, which no browser does', () => {
    const isAllowed = createOriginCheck([]);
    expect(isAllowed('chat.example.com:8000', 'chat.example.com:8000')).toBe(true);
    expect(isAllowed('127.0.0.1:8000', '127.0.0.1:8000')).toBe(true);
  });

  it('refuses other names without a scheme, and null', () => {
    const isAllowed = createOriginCheck([]);
    expect(isAllowed('evil.example.com:8000', 'chat.example.com:8000')).toBe(false);
    expect(isAllowed('evilchat.example.com', 'chat.example.com')).toBe(false);
    expect(isAllowed('null', 'null')).toBe(false);
    expect(isAllowed('file://', 'chat.example.com')).toBe(false);
    expect(isAllowed('chat.example.com', undefined)).toBe(false);
  });
});
