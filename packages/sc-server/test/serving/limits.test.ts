import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { closeCodes, errorRegistry } from 'sc-protocol';
import { limitNames, type LimitName } from '../../src/limits/limit-hits.js';
import type { serverDefaults } from '../../src/server/options.js';
import { namesOfTests } from './names-of-tests.js';

interface Limit {
  /** The option that sets the limit; some limits are fixed by the protocol. */
  readonly option?: keyof typeof serverDefaults;
  /** The close code, status or error behind it; nothing for what is slowed down or dropped. */
  readonly beyond?: number | string;
}

/** Every limit that a client can run into. Its test file has the same name, and hits it at the limit and one beyond. */
const limits: Readonly<Record<LimitName, Limit>> = {
  authFailures: { option: 'maxAuthFailures', beyond: closeCodes.policyViolation },
  authTokenBytes: { option: 'authMaxTokenBytes', beyond: 'AuthTokenInvalidError' },
  channelsPerSocket: { option: 'socketChannelLimit', beyond: 'ResourceLimitError' },
  connectionRate: { option: 'connectionRate', beyond: 503 },
  fragments: { option: 'maxFragments', beyond: closeCodes.policyViolation },
  handshakeBytes: { option: 'maxHandshakeBytes', beyond: closeCodes.tooBig },
  handshakeTimeout: { option: 'handshakeTimeout', beyond: closeCodes.handshakeTimeout },
  inboundRate: { option: 'inboundRate', beyond: closeCodes.policyViolation },
  listLength: { beyond: closeCodes.invalidFrame },
  loadShedding: { option: 'maxEventLoopLag', beyond: 503 },
  messageBytes: { option: 'maxPayloadBytes', beyond: closeCodes.tooBig },
  messageTimeout: { option: 'messageTimeout', beyond: closeCodes.policyViolation },
  nameBytes: { option: 'maxNameBytes', beyond: 'InvalidFrameError' },
  nesting: { option: 'maxNestingDepth', beyond: closeCodes.invalidFrame },
  outstandingCalls: { option: 'maxOutstandingCalls', beyond: 'ResourceLimitError' },
  pendingBytes: { option: 'maxPendingBytes', beyond: closeCodes.slowConsumer },
  pendingBytesOfAll: { option: 'maxPendingBytesOfAll', beyond: closeCodes.slowConsumer },
  pingTimeout: { option: 'pingTimeout', beyond: closeCodes.pongTimeout },
  publishOutQueue: { option: 'maxPublishOutQueue', beyond: closeCodes.slowConsumer },
  subscribeRate: { option: 'subscribeRate', beyond: closeCodes.policyViolation },
  volatilePendingBytes: { option: 'maxVolatilePendingBytes' },
};

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, section = ''] = /^## Limits$([^]*?)^## /m.exec(readme) ?? [];
const rows = section.split('\n').filter((line) => line.startsWith('|'));

describe.each(Object.entries(limits))('the limit %s', (name, { option, beyond }) => {
  const file = `limits/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.test.ts`;

  it('has a test that counts how often it was hit, and names what happens beyond', () => {
    const { text, titles } = namesOfTests(file);
    expect(titles.length).toBeGreaterThan(0);
    // The comment names the test that shows the full behaviour.
    const shown =
      text + [...text.matchAll(/(?<=in \.\.\/)\S+\.test\.ts/g)].map(([other]) => namesOfTests(other).text).join('');
    expect(shown).toMatch(new RegExp(`limitHits(\\.${name}\\b|[^;]*\\b${name}: 1)`));
    if (beyond !== undefined) expect(shown).toContain(String(beyond));
    if (option !== undefined) expect(titles.join() + text).toContain(option);
  });

  it('is in the table of limits with its option', () => {
    const row = rows.find((line) => line.includes(option === undefined ? 'list' : `\`${option}\``));
    expect(row).toBeDefined();
    if (beyond !== undefined && option !== 'maxNameBytes') expect(row).toContain(String(beyond));
  });
});

describe('the limits of a server', () => {
  it('are all here', () => {
    expect(Object.keys(limits).sort()).toEqual([...limitNames].sort());
    for (const { beyond } of Object.values(limits)) {
      if (typeof beyond === 'string') expect(errorRegistry.map(({ name }) => name)).toContain(beyond);
    }
  });
});
