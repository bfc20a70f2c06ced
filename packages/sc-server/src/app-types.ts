import type {
  AppShape,
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
import type { PublishCallback } from 'sc-channel';
import type { SocketEvents } from './socket/events.js';

/**
 * Ends a call with an error (a string is converted to one) or with data. Does nothing for an event without a call id.
 */
export type Respond<Answer = unknown> = (error?: unknown, data?: Answer) => void;

/** Called with the client's response to an event: an error, or `null` and the data. */
export type AckCallback<Answer = unknown> = (error: Error | null, data?: Answer) => void;

/** Context of a call for its handler, parameterized by the type of the socket. */
export interface CallContextOf<Socket> {
  readonly socket: Socket;
  readonly procedure: string;
  /** Aborted when the client has disconnected and no longer waits for the response. */
  readonly signal: AbortSignal;
}

/** Options of `emit`. */
export interface EmitOptions {
  /**
   * Drop the event, and count the drop, instead of queueing it while more than `maxVolatilePendingBytes` are queued for
   * the client.
   * @default false
   */
  readonly volatile?: boolean;
}

/** Options of `invoke`. */
export interface InvokeOptions {
  /** Time limit for the response, in milliseconds. @default the server's `ackTimeout` */
  readonly timeoutMs?: number;
  /** Aborts the call; the client is not notified. */
  readonly signal?: AbortSignal;
}

/** Options of `publish`. */
export interface PublishOptions {
  /**
   * Id of a socket to exclude, such as the one whose client caused the publication. A client that reconnects may still
   * find the publication in the channel's history. @default none
   */
  readonly except?: string;
  /**
   * Slow subscribers may miss the publication: it is dropped, and counted, for a socket with more than
   * `maxVolatilePendingBytes` queued. @default false
   */
  readonly volatile?: boolean;
  /**
   * Id of the publication, 1 to 64 characters: publications with the same id, from any process, within 5 minutes are
   * published once. For jobs that may run twice.
   */
  readonly id?: string;
}

/** Events that the server emits. */
export type EmittedName<App> = NameIn<ServerEventsOf<App>>;
export type EmitArguments<App, Name> = [...DataArgument<DataOf<ServerEventsOf<App>, Name>>, options?: EmitOptions];

/** Procedures of the client, which the server calls. */
export type CalledName<App> = NameIn<ClientProceduresOf<App>>;
export type CalledArgument<App, Name> = ArgumentOf<ClientProceduresOf<App>, Name>;
export type CalledResult<App, Name> = ResultOf<ClientProceduresOf<App>, Name>;
export type InvokeArguments<App, Name> = [...DataArgument<CalledArgument<App, Name>>, options?: InvokeOptions];

/** Procedures of the server. */
export type ProcedureName<App> = NameIn<ProceduresOf<App>>;
export type ProcedureHandlerOf<App, Name, Call> = (
  data: ArgumentOf<ProceduresOf<App>, Name>,
  call: Call,
) => ResultOf<ProceduresOf<App>, Name> | Promise<ResultOf<ProceduresOf<App>, Name>>;

/** Events that a socket accepts listeners for: its own, the client's events, and the client's calls. */
export type HeardName<App> = keyof SocketEvents | NameIn<ClientEventsOf<App>> | ProcedureName<App>;
/** Handler of a lifecycle event, or of an event of the client. */
export type EventHandler<App extends AppShape = AppShape, Name = string> = Name extends keyof SocketEvents<App>
  ? (...args: SocketEvents<App>[Name]) => unknown
  : Name extends NameIn<ClientEventsOf<App>>
    ? (data: DataOf<ClientEventsOf<App>, Name>, respond: Respond) => unknown
    : (data: ArgumentOf<ProceduresOf<App>, Name>, respond: Respond<ResultOf<ProceduresOf<App>, Name>>) => unknown;

export type ChannelName<App> = NameIn<ChannelsOf<App>>;
export type ChannelData<App, Name> = DataOf<ChannelsOf<App>, Name>;
export type PublishArguments<App, Name> = [
  ...DataArgument<ChannelData<App, Name>>,
  options?: PublishOptions | PublishCallback,
  callback?: PublishCallback,
];
