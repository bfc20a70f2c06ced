import type { Rules } from '../kit/options/check.js';
import { secretProblem } from '../auth/read-key.js';

/** Options of sessions: one visitor, many sockets and requests. */
export interface SessionOptions {
  /** Whether sockets and HTTP requests have a `session`, found again by a cookie. @default false */
  sessions?: boolean;
  /** How long the data of a session outlives its last use, in milliseconds. @default 1200000 (20 minutes) */
  sessionTimeout?: number;
  /** Name of the cookie that holds the session's id. @default 'sc.session' */
  sessionCookieName?: string;
  /** Secret that signs the cookie, at least 32 bytes. @default one made of `authKey`, or a random one */
  sessionKey?: string;
  /** Whether the cookie goes over TLS only. @default whether the connection that sets it is TLS */
  sessionCookieSecure?: boolean;
}

export const sessionDefaults = {
  sessions: false,
  sessionTimeout: 1_200_000,
  sessionCookieName: 'sc.session',
} as const satisfies Partial<SessionOptions>;

export const sessionRules: Rules<SessionOptions> = {
  sessions: { type: 'boolean' },
  sessionTimeout: { type: 'duration', check: (value) => (value >= 1000 ? undefined : 'must be at least 1000') },
  sessionCookieName: {
    type: 'string',
    check: (name) => (/^[\w.-]{1,64}$/.test(name) ? undefined : 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  },
  sessionKey: { type: 'string', check: secretProblem, secret: true },
  sessionCookieSecure: { type: 'boolean' },
};
