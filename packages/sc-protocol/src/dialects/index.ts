import type { Dialect, Spelling } from './dialect.js';
import { parseClientFrame } from './parse-client-frame.js';
import { parseServerFrame } from './parse-server-frame.js';
import { spellings } from './spellings.js';
import { toWire } from './write.js';

/** The dialects in which the client sends first, newest first. */
export const dialects: Readonly<Record<keyof typeof spellings, Dialect>> = /* @__PURE__ */ createDialects();

/** Used until the client is known to use another. */
export const defaultDialect: Dialect = /* @__PURE__ */ (() => dialects.v2)();

/** The dialect in which this text is a pong, if any. */
export function dialectOfPong(text: string): Dialect | undefined {
  return text.length > 2 ? undefined : Object.values(dialects).find(({ pong }) => pong === text);
}

/** A function, so that bundlers can drop the server half in clients, which need only the spellings. */
function createDialects(): Readonly<Record<keyof typeof spellings, Dialect>> {
  const dialect = (spelling: Spelling): Dialect => ({ ...spelling, parseClientFrame, parseServerFrame, toWire });
  const { v2, v1, v0 } = spellings;
  return { v2: dialect(v2), v1: dialect(v1), v0: dialect(v0) };
}
