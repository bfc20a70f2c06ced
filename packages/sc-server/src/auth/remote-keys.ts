import {
  createLocalJWKSet,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import type { Logger } from '../log/logger.js';

/** Finds the key for a token. Rejects if there is none. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;
export type FetchKeys = (url: string, init: RequestInit) => Promise<Response>;

/** Minimum time between two fetches, regardless of the tokens presented. */
const coolDownMs = 30_000;
/** Age at which the keys are refetched in the background. */
const staleAfterMs = 600_000;
const timeoutMs = 5_000;
const maxBytes = 262_144;

export interface RemoteKeysSetting {
  readonly url: string;
  readonly logger: Logger;
  readonly fetch?: FetchKeys;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * The keys of a remote JWK set. Fetched when the first token needs one, when a token names an unknown key, and
 * periodically; while the set is unavailable, the last keys stay valid.
 */
export class RemoteKeys {
  readonly #url: string;
  readonly #logger: Logger;
  readonly #fetch: FetchKeys;
  readonly #now: () => number;
  #keys: FindKey | undefined;
  #keyIds: ReadonlySet<string | undefined> = new Set();
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor({ url, logger, fetch = globalThis.fetch, now = () => performance.now() }: RemoteKeysSetting) {
    this.#url = url;
    this.#logger = logger;
    this.#fetch = fetch;
    this.#now = now;
  }

  readonly find: FindKey = async (header, token) => {
    const now = this.#now();
    const isKnown = this.#keys !== undefined && (header.kid === undefined || this.#keyIds.has(header.kid));
    if (!isKnown) await this.#refresh(now);
    else if (now - this.#fetchedAt > staleAfterMs) void this.#refresh(now);
    if (this.#keys === undefined) throw new Error('The keys could not be fetched');
    return this.#keys(header, token);
  };

  /** Never rejects. */
  #refresh(now: number): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (now - this.#triedAt < coolDownMs) return Promise.resolve();
    this.#triedAt = now;
    this.#fetching = this.#load().then(
      (keySet) => {
        // Replaced atomically, so that no token is verified with half of a set.
        this.#keys = createLocalJWKSet(keySet);
        this.#keyIds = new Set(keySet.keys.map(({ kid }) => kid));
        this.#fetchedAt = now;
        this.#fetching = undefined;
      },
      (error: unknown) => {
        this.#logger.warn('The keys of auth tokens could not be fetched', { error, url: this.#url });
        this.#fetching = undefined;
      },
    );
    return this.#fetching;
  }

  async #load(): Promise<JSONWebKeySet> {
    const response = await this.#fetch(this.#url, {
      // A redirect could point into the private network.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const text = await readLimited(response);
    const keySet = JSON.parse(text) as JSONWebKeySet;
    createLocalJWKSet(keySet);
    return keySet;
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The keys take more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
