import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { closeCodeRegistry, closeCodes, closeReason, reconnectAdvice } from '../src/index.js';

const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
const rows = [...protocol.matchAll(/^\| (\d{4}) +\| `(\w+)` +\| (now|backoff|never) +\| .+ \|$/gm)].map(
  ([, code, name, reconnect]) => ({ code: Number(code), name, reconnect }),
);

describe('close codes', () => {
  it('are the ones in PROTOCOL.md, with the same advice', () => {
    expect(rows).toEqual(closeCodeRegistry.map(({ code, name, reconnect }) => ({ code, name, reconnect })));
  });

  it('have a short reason made of their name', () => {
    expect(closeReason(closeCodes.slowConsumer)).toBe('Slow consumer');
    expect(closeReason(closeCodes.normal)).toBe('Normal');
    expect(closeReason(4321)).toBe('Socket closed with code 4321');
    // A close frame holds 123 bytes of reason.
    for (const { reason } of closeCodeRegistry) expect(reason.length).toBeLessThan(60);
  });

  it('say when to come back, for unknown codes too', () => {
    expect([1000, 1001, 1005, 1006, 4000, 4001, 4008, 4123, 4499, 4500, 4999].map(reconnectAdvice)).toEqual([
      'never',
      'backoff',
      'now',
      'backoff',
      'now',
      'now',
      'backoff',
      'backoff',
      'backoff',
      'never',
      'never',
    ]);
  });
});
