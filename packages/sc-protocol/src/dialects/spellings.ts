import type { DialectName, Spelling } from './dialect.js';

/** The differences between the dialects with a common grammar: pings and the announcement of a close. Newest first. */
export const spellings = {
  v2: { name: 'v2', ping: '', pong: '', saysDisconnect: false },
  v1: { name: 'v1', ping: '#1', pong: '#2', saysDisconnect: true },
  v0: { name: 'v0', ping: '1', pong: '2', saysDisconnect: true },
} as const satisfies Partial<Record<DialectName, Spelling>>;
