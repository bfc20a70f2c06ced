import type { ServerOptions as HttpServerOptions } from 'node:http';
import { InvalidOptionsError } from 'sc-protocol';
import { showValue } from 'sc-protocol/options';
import type { BodyLimits } from './body-progress.js';
import type { Rules } from '../kit/options/check.js';

/** Deadlines of the HTTP servers that are made here: by `SCServer.listen` and in the workers of a cluster. */
export interface HttpOptions {
  /**
   * By when the headers of a request must have come, in milliseconds; also how long a new connection may be silent.
   * @default 10000
   */
  headersTimeout?: number;
  /**
   * By when a whole request must have come, its body included, in milliseconds; 0 is no bound, so that an upload may
   * take as long as it goes on. @default 0
   */
  requestTimeout?: number;
  /**
   * How long the body of a request may make no progress, in milliseconds; 0 is for ever. Each `minBodyBytesPerSecond` bytes
   * are a second of progress. Time in which the application does not read does not count. @default 30000
   */
  bodyTimeout?: number;
  /** Bytes of a request's body that count as one second of progress; with 0 any byte is enough. @default 240 */
  minBodyBytesPerSecond?: number;
  /**
   * How long a connection is kept between two requests, in milliseconds. Must be longer than a proxy in front keeps its
   * connections, or the proxy now and then sends a request on a connection that has just been closed. @default 72000
   */
  keepAliveTimeout?: number;
}

export const httpDefaults = {
  headersTimeout: 10_000,
  requestTimeout: 0,
  bodyTimeout: 30_000,
  minBodyBytesPerSecond: 240,
  keepAliveTimeout: 72_000,
} as const satisfies HttpOptions;

export const httpRules: Required<Rules<HttpOptions>> = {
  headersTimeout: { type: 'duration' },
  requestTimeout: { type: 'duration', allowZero: true },
  bodyTimeout: { type: 'duration', allowZero: true },
  minBodyBytesPerSecond: { type: 'count', min: 0 },
  keepAliveTimeout: { type: 'duration' },
};

export type HttpSettings = Required<HttpOptions>;

const names = Object.keys(httpRules) as readonly (keyof HttpOptions)[];

export function httpSettings(options: HttpOptions): HttpSettings {
  const given = Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  return { ...httpDefaults, ...given };
}

/** The other options: those of the server that is attached to an HTTP server. */
export function withoutHttpOptions<Options extends HttpOptions>(options: Options): Omit<Options, keyof HttpOptions> {
  const rest = { ...options };
  for (const name of names) delete rest[name];
  return rest;
}

/** Rejects deadlines that belong to an HTTP server which the application has made. */
export function refuseHttpOptions(options: HttpOptions): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const message = `\`${given}\` must be set on the HTTP server that is given to SCServer.attach, got ${showValue(options[given])}`;
  throw new InvalidOptionsError(message, { option: given });
}

/** The rule of Node that holds between two of them. */
export function checkHttpTimes({
  headersTimeout,
  requestTimeout,
}: Pick<HttpSettings, 'headersTimeout' | 'requestTimeout'>): void {
  if (requestTimeout === 0 || headersTimeout <= requestTimeout) return;
  throw new InvalidOptionsError(
    `\`headersTimeout\` must be at most \`requestTimeout\` (${requestTimeout}), got ${headersTimeout}`,
    { option: 'headersTimeout' },
  );
}

/** How often Node looks for connections whose deadline has passed. */
const connectionsCheckingInterval = 1_000;

/** Options for Node's `http.createServer` and `https.createServer`. */
export function nodeHttpOptions({ headersTimeout, requestTimeout, keepAliveTimeout }: HttpSettings): HttpServerOptions {
  return { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval };
}

export function bodyLimitsOf({ bodyTimeout, minBodyBytesPerSecond }: HttpSettings): BodyLimits {
  return { timeoutMs: bodyTimeout, bytesPerSecond: minBodyBytesPerSecond };
}
