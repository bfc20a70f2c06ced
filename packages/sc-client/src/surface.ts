import type {
  ArgumentOf,
  ChannelsOf,
  ClientEventsOf,
  ClientProceduresOf,
  DataArgument,
  DataOf,
  NameIn,
  ProceduresOf,
  ResultOf,
  ServerEventsOf,
} from 'sc-protocol';
import type { SocketEvents } from './events.js';

/** Called with the response to an event: an error, or `null` and the data. */
export type AckCallback<Answer = unknown> = (error: Error | null, data?: Answer) => void;

/**
 * Responds to a call of the server with an error, or with `null` and data. Only the first call counts; does nothing if
 * the server expects no response.
 */
export type Respond<Answer = unknown> = (error?: unknown, data?: Answer) => void;

/** Options of `emit`. */
export interface EmitOptions {
  /** Drop the event instead of queueing it: while offline, or while the send buffer is congested. @default false */
  readonly volatile?: boolean;
}

/** Options of `invoke`. */
export interface InvokeOptions {
  /** Time limit for the response, in milliseconds. @default the option `ackTimeout` */
  readonly timeoutMs?: number;
  /** Aborts the call; the promise then rejects with `AbortedError`. */
  readonly signal?: AbortSignal;
}

/** Events that an application emits to its server. */
export type EmittedName<App> = NameIn<ClientEventsOf<App>>;
export type EmitArguments<App, Name> = [...DataArgument<DataOf<ClientEventsOf<App>, Name>>, options?: EmitOptions];

/** Procedures of an application's server. */
export type ProcedureName<App> = NameIn<ProceduresOf<App>>;
export type ProcedureArgument<App, Name> = ArgumentOf<ProceduresOf<App>, Name>;
export type ProcedureResult<App, Name> = ResultOf<ProceduresOf<App>, Name>;
export type InvokeArguments<App, Name> = [...DataArgument<ProcedureArgument<App, Name>>, options?: InvokeOptions];

/** Procedures that the server calls. */
export type HandledName<App> = NameIn<ClientProceduresOf<App>>;
/** Handles the server's calls of a procedure. */
export type ProcedureHandler<App, Name> = (
  data: ArgumentOf<ClientProceduresOf<App>, Name>,
) => ResultOf<ClientProceduresOf<App>, Name> | Promise<ResultOf<ClientProceduresOf<App>, Name>>;

/** Events that a socket accepts listeners for: its own, the server's, and the server's calls. */
export type HeardName<App> = keyof SocketEvents | NameIn<ServerEventsOf<App>> | HandledName<App>;
/** Listener of an event of the socket or of the server. */
export type Listener<App, Name> = Name extends keyof SocketEvents
  ? (...args: SocketEvents[Name]) => void
  : Name extends NameIn<ServerEventsOf<App>>
    ? (data: DataOf<ServerEventsOf<App>, Name>, respond: Respond) => void
    : (
        data: ArgumentOf<ClientProceduresOf<App>, Name>,
        respond: Respond<ResultOf<ClientProceduresOf<App>, Name>>,
      ) => void;

export type ChannelName<App> = NameIn<ChannelsOf<App>>;
export type ChannelData<App, Name> = DataOf<ChannelsOf<App>, Name>;
