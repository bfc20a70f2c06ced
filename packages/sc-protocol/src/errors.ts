/** Shared by every copy of this module: an application may have loaded both the ESM and the CommonJS build. */
const brand = Symbol.for('sc-protocol.ScError');

/** Base class of every error that this project reports to its users. `code` is stable; `message` is for people. */
export class ScError extends Error {
  /** Stable code of the error, such as `SC_TIMEOUT`. Test for this code, not for the message. */
  readonly code: string;
  /** Recommended action, if known; part of the details. */
  declare readonly remedy?: string;

  /** Creates an error; `cause` holds the error that was caught. */
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Marks errors of every copy of this module. */
  get [brand](): true {
    return true;
  }
}

/** Whether the value is an `ScError` of any copy of this module. */
export function isScError(value: unknown): value is ScError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** Registry entry of one kind of error. */
export interface ErrorEntry {
  /** Name of the error and its class. */
  readonly name: string;
  /** Stable code of the error. */
  readonly code: string;
  /** Whether a retry of the same call may succeed. */
  readonly retry: boolean;
}

type Details = Readonly<Record<string, string | number | boolean>>;

/** The code is derived from the name unless given: `AuthTokenError` has `SC_AUTH_TOKEN`. */
// @__NO_SIDE_EFFECTS__ (bundlers can drop the classes that a page does not use)
function define<Code extends string>(name: string, code = codeOf(name) as Code) {
  return class extends ScError {
    declare readonly code: Code;
    constructor(message: string, details?: Details, options?: { cause?: unknown }) {
      super(code, message, options);
      Object.assign(this, details);
      withName(this, name);
    }
  };
}

/** Sets a non-enumerable name, like that of a built-in error. */
export function withName<Named extends Error>(error: Named, value: string): Named {
  return Object.defineProperty(error, 'name', { value, configurable: true, writable: true });
}

function codeOf(name: string): string {
  return `SC${name.slice(0, -'Error'.length).replace(/[A-Z]/g, '_$&')}`.toUpperCase();
}

/** The auth token has expired; `expiry` is the time of expiry (seconds since 1970). */
export class AuthTokenExpiredError extends define<'SC_AUTH_TOKEN_EXPIRED'>('AuthTokenExpiredError') {}
/** The auth token is malformed, was signed with another key, or breaks a rule. */
export class AuthTokenInvalidError extends define<'SC_AUTH_TOKEN_INVALID'>('AuthTokenInvalidError') {}
/** The auth token is not valid yet; `date` is the time from which it is valid (seconds since 1970). */
export class AuthTokenNotBeforeError extends define<'SC_AUTH_TOKEN_NOT_BEFORE'>('AuthTokenNotBeforeError') {}
/** An auth token could not be signed or stored. */
export class AuthTokenError extends define<'SC_AUTH_TOKEN'>('AuthTokenError') {}
/** The action needs a valid auth token. */
export class AuthError extends define<'SC_AUTH'>('AuthError') {}
/** A middleware line refused the action; `line` names it. */
export class MiddlewareBlockedError extends define('MiddlewareBlockedError', 'SC_BLOCKED') {}
/** The action is not possible in the current state. */
export class InvalidActionError extends define<'SC_INVALID_ACTION'>('InvalidActionError') {}
/** A function was called with invalid arguments. */
export class InvalidArgumentsError extends define<'SC_INVALID_ARGUMENTS'>('InvalidArgumentsError') {}
/**
 * An option has an unknown name or an invalid value; `option` names it. With several such options, `errors` has one
 * error for each.
 */
export class InvalidOptionsError extends define<'SC_INVALID_OPTIONS'>('InvalidOptionsError') {
  /** Name of the option, the first one if there are several. */
  declare readonly option?: string;
  /** One error for each option that is refused, if there are several. */
  declare readonly errors?: readonly InvalidOptionsError[];
}
/** A frame violates the protocol; `field` names the invalid part, and `limit` the limit that it exceeds, if it does. */
export class InvalidFrameError extends define<'SC_INVALID_FRAME'>('InvalidFrameError') {}
/** A socket was closed with a code that signals an error; `closeCode` holds it. */
export class SocketProtocolError extends define<'SC_SOCKET_PROTOCOL'>('SocketProtocolError') {}
/** A limit was reached; `limit` names it. */
export class ResourceLimitError extends define<'SC_RESOURCE_LIMIT'>('ResourceLimitError') {}
/**
 * A message exceeds the size limit of the other end; `size` and `limit` are in bytes, and `option` names the option
 * that sets the limit.
 */
export class PayloadTooLargeError extends define<'SC_PAYLOAD_TOO_LARGE'>('PayloadTooLargeError') {}
/** The response did not arrive before the deadline. */
export class TimeoutError extends define<'SC_TIMEOUT'>('TimeoutError') {}
/** The publication was retried too late: the store can no longer detect a duplicate; `isUnknown` is true. */
export class TooLateError extends define<'SC_TOO_LATE'>('TooLateError') {}
/** The worker that served the call was replaced before it responded; the outcome is unknown. */
export class MovedError extends define<'SC_MOVED'>('MovedError') {}
/** The caller aborted the call. */
export class AbortedError extends define<'SC_ABORTED'>('AbortedError') {}
/** The connection was lost before the response arrived; the outcome is unknown. */
export class BadConnectionError extends define<'SC_BAD_CONNECTION'>('BadConnectionError') {}
/** A handler of the application failed; details are only in the log of the server. */
export class HandlerError extends define<'SC_HANDLER'>('HandlerError') {}
/** The called procedure has no handler. */
export class NoHandlerError extends define<'SC_NO_HANDLER'>('NoHandlerError') {}
/** A store refused a command. */
export class StoreError extends define<'SC_STORE'>('StoreError') {}
/** A store could not be reached within the deadline. */
export class StoreUnavailableError extends define<'SC_STORE_UNAVAILABLE'>('StoreUnavailableError') {}
/** An order to all processes could not be carried out by some of them; `failed` is their number. */
export class OrderError extends define<'SC_ORDER'>('OrderError') {}
/** The server or one of its processes could not start. */
export class StartError extends define<'SC_START'>('StartError') {}
/** A child process exited unexpectedly. */
export class ProcessExitError extends define<'SC_PROCESS_EXIT'>('ProcessExitError') {}

/**
 * Whether a retry of the same call may succeed, according to the registry entry of the error's code. Also accepts
 * errors received over the wire.
 */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.test(String((Object(error) as { code?: unknown }).code));
}

const retryableCodes =
  /^SC_(AUTH_TOKEN_NOT_BEFORE|SOCKET_PROTOCOL|TIMEOUT|MOVED|ABORTED|BAD_CONNECTION|STORE_UNAVAILABLE|PROCESS_EXIT)$/;

/**
 * Every error that users can encounter. `docs/errors.md` has a row for each, with the comment of its class here; a test
 * keeps them in sync.
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
    PayloadTooLargeError,
    TimeoutError,
    TooLateError,
    MovedError,
    AbortedError,
    BadConnectionError,
    HandlerError,
    NoHandlerError,
    StoreError,
    StoreUnavailableError,
    OrderError,
    StartError,
    ProcessExitError,
  ].map((kind) => {
    const error = new kind('');
    return { name: error.name, code: error.code, retry: isRetryable(error) };
  });
}
