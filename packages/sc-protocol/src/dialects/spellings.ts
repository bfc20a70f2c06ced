import type { DialectName, Spelling } from './dialect.js';

/** What differs between the dialects that share one grammar: how liveness and a farewell are said. Newest first. */
export const spellings = {
  v2: { name: 'v2', ping: '', pong: '', saysDisconnect: false },
  v1: { name: 'v1', ping: '#1', pong: '#2', saysDisconnect: true },
  v0: { name: 'v0', ping: '1', pong: '2', saysDisconnect: true },
} as const satisfies Partial<Record<DialectName, Spelling>>;
