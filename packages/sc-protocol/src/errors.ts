/** The base of every error this project raises towards its users. `code` is stable; `message` is for people. */
export class ScError extends Error {
  readonly code: string;
  /** What to do about it, where that is known. */
  declare readonly remedy?: string;

  constructor(code: string, message: string, { remedy, ...options }: { cause?: unknown; remedy?: string } = {}) {
    super(message, options);
    this.code = code;
    if (remedy !== undefined) this.remedy = remedy;
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

/** The code follows from the name, unless it is given: `AuthTokenError` has `SC_AUTH_TOKEN`. */
// @__NO_SIDE_EFFECTS__ (a bundler leaves out the classes that a page has no use for)
function define<Code extends string>(name: string, retry: boolean, code = codeOf(name) as Code) {
  return class extends ScError {
    static readonly entry: ErrorEntry = { name, code, retry };
    declare readonly code: Code;
    constructor(message: string, details?: Details, options?: { cause?: unknown; remedy?: string }) {
      super(code, message, options);
      if (details !== undefined) Object.assign(this, details);
      // Not enumerable, like the name of a built-in error.
      Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    }
  };
}

function codeOf(name: string): string {
  return `SC${name
    .replace(/Error$/, '')
    .replace(/[A-Z]/g, '_$&')
    .toUpperCase()}`;
}

/** The auth token has expired; `expiry` says when (seconds since 1970). */
export class AuthTokenExpiredError extends define<'SC_AUTH_TOKEN_EXPIRED'>('AuthTokenExpiredError', false) {}
/** The auth token is malformed, was signed with another key, or breaks a rule. */
export class AuthTokenInvalidError extends define<'SC_AUTH_TOKEN_INVALID'>('AuthTokenInvalidError', false) {}
/** The auth token is not valid yet; `date` says from when (seconds since 1970). */
export class AuthTokenNotBeforeError extends define<'SC_AUTH_TOKEN_NOT_BEFORE'>('AuthTokenNotBeforeError', true) {}
/** An auth token could not be signed or stored. */
export class AuthTokenError extends define<'SC_AUTH_TOKEN'>('AuthTokenError', false) {}
/** The action needs a valid auth token. */
export class AuthError extends define<'SC_AUTH'>('AuthError', false) {}
/** A middleware line refused the action; `line` names it. */
export class MiddlewareBlockedError extends define('MiddlewareBlockedError', false, 'SC_BLOCKED') {}
/** The action is not possible in the present state. */
export class InvalidActionError extends define<'SC_INVALID_ACTION'>('InvalidActionError', false) {}
/** A function was called with arguments it cannot take. */
export class InvalidArgumentsError extends define<'SC_INVALID_ARGUMENTS'>('InvalidArgumentsError', false) {}
/** An option has an unknown name or a value that breaks its rule; `option` names it. */
export class InvalidOptionsError extends define<'SC_INVALID_OPTIONS'>('InvalidOptionsError', false) {}
/** A frame breaks the protocol; `field` names what is wrong with it. */
export class InvalidFrameError extends define<'SC_INVALID_FRAME'>('InvalidFrameError', false) {}
/** A socket closed with a code that means an error; `closeCode` holds it. */
export class SocketProtocolError extends define<'SC_SOCKET_PROTOCOL'>('SocketProtocolError', true) {}
/** A limit was reached; `limit` names it. */
export class ResourceLimitError extends define<'SC_RESOURCE_LIMIT'>('ResourceLimitError', false) {}
/** No answer came before the deadline. */
export class TimeoutError extends define<'SC_TIMEOUT'>('TimeoutError', true) {}
/** The caller gave the call up. */
export class AbortedError extends define<'SC_ABORTED'>('AbortedError', true) {}
/** The connection was lost before an answer came; the outcome is unknown. */
export class BadConnectionError extends define<'SC_BAD_CONNECTION'>('BadConnectionError', true) {}
/** A handler of the application failed; details are in the log of the server only. */
export class HandlerError extends define<'SC_HANDLER'>('HandlerError', false) {}
/** Nobody handles the procedure that was called. */
export class NoHandlerError extends define<'SC_NO_HANDLER'>('NoHandlerError', false) {}
/** A store refused a command. */
export class StoreError extends define<'SC_STORE'>('StoreError', false) {}
/** A store could not be reached within the deadline. */
export class StoreUnavailableError extends define<'SC_STORE_UNAVAILABLE'>('StoreUnavailableError', true) {}
/** The server or one of its processes could not start. */
export class StartError extends define<'SC_START'>('StartError', false) {}
/** A child process ended without being told to. */
export class ProcessExitError extends define<'SC_PROCESS_EXIT'>('ProcessExitError', true) {}

/**
 * Every error a user can meet. `docs/errors.md` has a row for each, with the sentence that stands above its class here;
 * a test holds them together.
 */
export const errorRegistry: readonly ErrorEntry[] = /* @__PURE__ */ createRegistry();

function createRegistry(): ErrorEntry[] {
  return [
    AuthTokenExpiredError,
    AuthTokenInvalidError,
    AuthTokenNotBeforeError,
    AuthTokenError,
    AuthError,
    MiddlewareBlockedError,
    InvalidActionError,
    InvalidArgumentsError,
    InvalidOptionsError,
    InvalidFrameError,
    SocketProtocolError,
    ResourceLimitError,
    TimeoutError,
    AbortedError,
    BadConnectionError,
    HandlerError,
    NoHandlerError,
    StoreError,
    StoreUnavailableError,
    StartError,
    ProcessExitError,
  ].map(({ entry }) => entry);
}
