import type { ServerOptions as HttpServerOptions } from 'node:http';
import { InvalidOptionsError } from 'sc-protocol';
import { count, duration, givenOptions, Refusals, settle, showValue, type OptionsOf } from 'sc-protocol/kit';
import type { BodyLimits } from './body-progress.js';

/** Declarations of the deadlines of HTTP servers. */
export const httpTable = {
  /**
   * Time limit for the headers of a request, and for the first byte of a new connection. Applies to HTTP servers
   * created by `SCServer.listen` and in workers. `SCServer.attach` refuses it: set it on your own server.
   */
  headersTimeout: duration({ default: 10_000 }),
  /**
   * Time limit for a whole request, including its body. 0 disables it, so that an upload may take any time as long
   * as it makes progress. Applies to the same servers as `headersTimeout`.
   */
  requestTimeout: duration({ default: 0, allowZero: true }),
  /**
   * Time without progress after which the body of a request is answered with 408 and the connection is closed; 0
   * disables it. Each `minBodyBytesPerSecond` bytes count as a second of progress. Time in which the application
   * does not read is not counted. Applies to the same servers as `headersTimeout`.
   */
  bodyTimeout: duration({ default: 30_000, allowZero: true }),
  /**
   * Bytes of a request's body that count as one second of progress for `bodyTimeout`; with 0 any byte counts. A
   * slower body is cut off after `bodyTimeout`, a faster one (a large file upload, for example) may take any time.
   */
  minBodyBytesPerSecond: count({ default: 240, min: 0 }),
  /**
   * Time that an idle connection is kept between two requests. It must be longer than the idle timeout of a proxy in
   * front (nginx and AWS: 60 seconds); otherwise the proxy occasionally sends a request on a connection that has
   * just been closed, and answers 502. Applies to the same servers as `headersTimeout`.
   */
  keepAliveTimeout: duration({ default: 72_000 }),
};

/** Deadlines of HTTP servers created by this package: by `SCServer.listen` and in the workers of a cluster. */
export interface HttpOptions extends OptionsOf<typeof httpTable> {}

export type HttpSettings = Required<HttpOptions>;

const names = Object.keys(httpTable) as readonly (keyof HttpOptions)[];

export function httpSettings(options: HttpOptions): HttpSettings {
  return settle(httpTable, options);
}

/** The remaining options: those of the server attached to an HTTP server. */
export function withoutHttpOptions<Options extends HttpOptions>(options: Options): Omit<Options, keyof HttpOptions> {
  const rest = { ...options };
  for (const name of names) delete rest[name];
  return rest;
}

/** Rejects deadlines that only apply to an HTTP server created by this package. */
export function refuseHttpOptions(options: HttpOptions): void {
  const given = givenOptions(options);
  const refusals = new Refusals();
  for (const option of names.filter((name) => name in given)) {
    const message = `\`${option}\` must be set on the HTTP server that is given to SCServer.attach, got ${showValue(given[option])}`;
    refusals.add(new InvalidOptionsError(message, { option }));
  }
  refusals.throwAny();
}

/** Checks Node's rule that relates two of the deadlines. */
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

/** Interval at which Node checks for connections past their deadline. */
const connectionsCheckingInterval = 1_000;

/** Options for Node's `http.createServer` and `https.createServer`. */
export function nodeHttpOptions({ headersTimeout, requestTimeout, keepAliveTimeout }: HttpSettings): HttpServerOptions {
  return { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval };
}

export function bodyLimitsOf({ bodyTimeout, minBodyBytesPerSecond }: HttpSettings): BodyLimits {
  return { timeoutMs: bodyTimeout, bytesPerSecond: minBodyBytesPerSecond };
}
