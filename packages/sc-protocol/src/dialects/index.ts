import type { Dialect, DialectName } from './dialect.js';
import { parseClientFrame, parseServerFrame } from './parse.js';
import { toWire } from './to-wire.js';

function dialect(name: DialectName, ping: string, pong: string, saysDisconnect: boolean): Dialect {
  return { name, ping, pong, saysDisconnect, parseClientFrame, parseServerFrame, toWire };
}

/**
 * The dialects in which the client speaks first, newest first. They share one grammar; what differs is how liveness and
 * a farewell are said.
 */
export const dialects: Readonly<Record<Exclude<DialectName, 'b6'>, Dialect>> = {
  v2: dialect('v2', '', '', false),
  v1: dialect('v1', '#1', '#2', true),
  v0: dialect('v0', '1', '2', true),
};

/** Spoken until the client shows that it speaks another. */
export const defaultDialect: Dialect = dialects.v2;

/** The dialect in which this text is a pong, if any. */
export function dialectOfPong(text: string): Dialect | undefined {
  return text.length > 2 ? undefined : Object.values(dialects).find(({ pong }) => pong === text);
}
