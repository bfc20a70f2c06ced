import { duration, flag, text } from 'sc-protocol/kit';
import { secretProblem } from '../auth/read-key.js';

/** Declarations of the options of sessions. */
export const sessionTable = {
  /** Whether sockets and HTTP requests have a `session`, identified by a cookie. */
  sessions: flag({ default: false }),
  /** Time that the data of a session is kept after its last use, in milliseconds. @default `1200000` (20 minutes) */
  sessionTimeout: duration({
    default: 1_200_000,
    check: (value) => (value >= 1000 ? undefined : 'must be at least 1000'),
  }),
  /** Name of the cookie that holds the session id. */
  sessionCookieName: text({
    default: 'sc.session',
    check: (name) => (/^[\w.-]{1,64}$/.test(name) ? undefined : 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  }),
  /** Secret that signs the session cookie, at least 32 bytes. @default derived from `authKey`, or random */
  sessionKey: text({ check: secretProblem, secret: true }),
  /** Whether the cookie is sent only over TLS. @default whether the connection that sets it is TLS */
  sessionCookieSecure: flag(),
};
