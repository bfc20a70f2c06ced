import type { Position, Rewind } from 'sc-protocol';
import { flag, number, value, type OptionsOf } from 'sc-protocol/kit';

/** Declarations of the options of a subscription. A bundler drops the call where options are not checked. */
export const subscribeTable = /* @__PURE__ */ (() => {
  return {
    /** Wait until the socket has a valid auth token; until then the subscription stays pending. */
    waitForAuth: flag({ default: false }),
    /** Data for the server's subscribe middleware. */
    data: value<unknown>(),
    /** After a reconnect, channels with a higher priority are requested first. */
    priority: number({ default: 0 }),
    /** Allow the server to combine its reply with others into one message. */
    batch: flag({ default: false }),
    /**
     * Start with past publications, in channels with history: a maximum count (`20` or `{ count: 20 }`), the
     * publications of the last milliseconds (`{ ms: 60_000 }`), or the fewer of the two (`{ count: 20, ms: 60_000 }`).
     * After the first received publication, a reconnect continues from there instead. Client only.
     */
    rewind: value<Rewind>({ check: rewindProblem }),
    /**
     * Start after this position, `{ epoch, offset }`, for example the position of a page rendered on the server.
     * Ignored if the channel is already subscribed. Client only.
     */
    since: value<Position>({ check: sinceProblem }),
  };
})();

/** Options of a subscription. */
export interface SubscribeOptions extends Readonly<OptionsOf<typeof subscribeTable>> {}

function rewindProblem(rewind: unknown): string | undefined {
  const { count, ms } = (typeof rewind === 'number' ? { count: rewind } : Object(rewind)) as Exclude<Rewind, number>;
  const isWhole = (part: unknown): boolean => part === undefined || (Number.isSafeInteger(part) && Number(part) > 0);
  const holds = isWhole(count) && isWhole(ms) && (count ?? ms) !== undefined;
  return holds ? undefined : 'must be a whole number from 1, or { count, ms } with one or both of them';
}

function sinceProblem(since: unknown): string | undefined {
  const { epoch, offset } = Object(since) as Partial<Position>;
  const holds = typeof epoch === 'string' && epoch !== '' && Number.isSafeInteger(offset) && Number(offset) >= 0;
  return holds ? undefined : 'must be a position, { epoch, offset }';
}
