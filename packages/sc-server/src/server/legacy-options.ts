import type { Rules } from '../kit/options/check.js';
import { listFromText } from '../kit/options/from-text.js';

/** Options for clients of 2015. */
export interface LegacyOptions {
  /**
   * Generations of early clients to serve beside all since 2.2.25. `'b6'` are `sc2-client` 2.2.3 to 2.2.6 and
   * `socketcluster-client` 2.2.9 to 2.2.23, to which the server speaks first: it does so when a client has said nothing
   * for a second. @default []
   */
  legacyDialects?: readonly 'b6'[];
  /**
   * Cookie that holds the auth token: that of `authCookie`, and where clients of `'b6'` keep theirs.
   * @default 'socketcluster.authToken'
   */
  authCookieName?: string;
}

export const legacyDefaults = {
  legacyDialects: [],
  authCookieName: 'socketcluster.authToken',
} as const satisfies LegacyOptions;

export const legacyRules: Rules<LegacyOptions> = {
  legacyDialects: {
    type: 'any',
    fromText: listFromText,
    check: (value) =>
      Array.isArray(value) && value.every((one) => one === 'b6') ? undefined : `must be an array of: 'b6'`,
  },
  authCookieName: {
    type: 'string',
    check: (value) => (/^[\w!#$%&'*+./^`|~-]+$/.test(value) ? undefined : 'must be a name that a cookie can have'),
  },
};
