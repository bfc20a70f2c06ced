/** The base of every error this project raises towards its users. `code` is stable; `message` is for people. */
export class ScError extends Error {
  readonly code: string;
  /** What to do about it, where that is known. */
  readonly remedy?: string;

  constructor(code: string, message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.remedy !== undefined) this.remedy = options.remedy;
  }
}

/** What the registry says of one kind of error. */
export interface ErrorEntry {
  readonly name: string;
  readonly code: string;
  /** Whether the same call may succeed when it is made again. */
  readonly retry: boolean;
}

type Details = Readonly<Record<string, string | number | boolean>>;

const entries: ErrorEntry[] = [];

/**
 * Every error a user can meet. `docs/errors.md` has a row for each, with the sentence that stands above its class here;
 * a test holds them together.
 */
export const errorRegistry: readonly ErrorEntry[] = entries;

function define<Code extends string>(name: string, code: Code, retry: boolean) {
  entries.push({ name, code, retry });
  return class extends ScError {
    declare readonly code: Code;
    constructor(message: string, details?: Details, options?: { cause?: unknown; remedy?: string }) {
      super(code, message, options);
      if (details !== undefined) Object.assign(this, details);
      // Not enumerable, like the name of a built-in error.
      Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    }
  };
}

/** The auth token has expired; `expiry` says when (seconds since 1970). */
export class AuthTokenExpiredError extends define('AuthTokenExpiredError', 'SC_AUTH_TOKEN_EXPIRED', false) {}
/** The auth token is malformed, was signed with another key, or breaks a rule. */
export class AuthTokenInvalidError extends define('AuthTokenInvalidError', 'SC_AUTH_TOKEN_INVALID', false) {}
/** The auth token is not valid yet; `date` says from when (seconds since 1970). */
export class AuthTokenNotBeforeError extends define('AuthTokenNotBeforeError', 'SC_AUTH_TOKEN_NOT_BEFORE', true) {}
/** An auth token could not be signed or stored. */
export class AuthTokenError extends define('AuthTokenError', 'SC_AUTH_TOKEN', false) {}
/** The action needs a valid auth token. */
export class AuthError extends define('AuthError', 'SC_AUTH', false) {}
/** A middleware line refused the action; `line` names it. */
export class MiddlewareBlockedError extends define('MiddlewareBlockedError', 'SC_BLOCKED', false) {}
/** The action is not possible in the present state. */
export class InvalidActionError extends define('InvalidActionError', 'SC_INVALID_ACTION', false) {}
/** A function was called with arguments it cannot take. */
export class InvalidArgumentsError extends define('InvalidArgumentsError', 'SC_INVALID_ARGUMENTS', false) {}
/** An option has an unknown name or a value that breaks its rule; `option` names it. */
export class InvalidOptionsError extends define('InvalidOptionsError', 'SC_INVALID_OPTIONS', false) {}
/** A frame breaks the protocol; `field` names what is wrong with it. */
export class InvalidFrameError extends define('InvalidFrameError', 'SC_INVALID_FRAME', false) {}
/** A socket closed with a code that means an error; `closeCode` holds it. */
export class SocketProtocolError extends define('SocketProtocolError', 'SC_SOCKET_PROTOCOL', true) {}
/** A limit was reached; `limit` names it. */
export class ResourceLimitError extends define('ResourceLimitError', 'SC_RESOURCE_LIMIT', false) {}
/** No answer came before the deadline. */
export class TimeoutError extends define('TimeoutError', 'SC_TIMEOUT', true) {}
/** The caller gave the call up. */
export class AbortedError extends define('AbortedError', 'SC_ABORTED', true) {}
/** The connection was lost before an answer came; the outcome is unknown. */
export class BadConnectionError extends define('BadConnectionError', 'SC_BAD_CONNECTION', true) {}
/** A handler of the application failed; details are in the log of the server only. */
export class HandlerError extends define('HandlerError', 'SC_HANDLER', false) {}
/** Nobody handles the procedure that was called. */
export class NoHandlerError extends define('NoHandlerError', 'SC_NO_HANDLER', false) {}
/** A store refused a command. */
export class StoreError extends define('StoreError', 'SC_STORE', false) {}
/** A store could not be reached within the deadline. */
export class StoreUnavailableError extends define('StoreUnavailableError', 'SC_STORE_UNAVAILABLE', true) {}
/** The server or one of its processes could not start. */
export class StartError extends define('StartError', 'SC_START', false) {}
/** A child process ended without being told to. */
export class ProcessExitError extends define('ProcessExitError', 'SC_PROCESS_EXIT', true) {}
