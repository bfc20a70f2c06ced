import { text, value } from 'sc-protocol/kit';
import { listFromText } from '../kit/options/from-text.js';

/** Declarations of the options for clients of 2015. */
export const legacyTable = {
  /**
   * Generations of early clients to serve in addition to all clients since 2.2.25. `'b6'` is for `sc2-client` 2.2.3
   * to 2.2.6 and `socketcluster-client` 2.2.9 to 2.2.23, which expect the server to send first: it does so if a
   * client has sent nothing for a second. These clients present their auth token in a cookie, which is accepted only
   * from the server's own pages, from origins listed by name, and from programs.
   */
  legacyDialects: value<readonly 'b6'[]>({
    default: [],
    fromText: listFromText,
    check: (value) =>
      Array.isArray(value) && value.every((one) => one === 'b6') ? undefined : `must be an array of: 'b6'`,
  }),
  /** Cookie that holds the auth token, for `authCookie` and for clients of `'b6'`. */
  authCookieName: text({
    default: 'socketcluster.authToken',
    check: (value) => (/^[\w!#$%&'*+./^`|~-]+$/.test(value) ? undefined : 'must be a name that a cookie can have'),
  }),
};
