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

/** Ends a call: with an error (a string becomes one), or with data. Does nothing for an event without a call id. */
export type Respond<Answer = unknown> = (error?: unknown, data?: Answer) => void;

/** Hears the client's answer to an event: an error, or `null` and the data. */
export type AckCallback<Answer = unknown> = (error: Error | null, data?: Answer) => void;

/** Context of a call for its handler, by the type of the socket. */
export interface CallContextOf<Socket> {
  readonly socket: Socket;
  readonly procedure: string;
  /** Fires when the client has disconnected and no longer waits for the answer. */
  readonly signal: AbortSignal;
}

/** Options of `emit`. */
export interface EmitOptions {
  /**
   * Drop it, and count that, rather than let it wait while more than `maxVolatilePendingBytes` wait for the client.
   * @default false
   */
  readonly volatile?: boolean;
}

/** Options of `invoke`. */
export interface InvokeOptions {
  /** How long the answer may take, in milliseconds. @default the server's `ackTimeout` */
  readonly timeoutMs?: number;
  /** Gives the call up; the client is not told. */
  readonly signal?: AbortSignal;
}

/** Options of `publish`. */
export interface PublishOptions {
  /**
   * The id of a socket that does not get it, such as the one whose client caused it. A client that reconnects may still find
   * the publication in the channel's history. @default none
   */
  readonly except?: string;
  /**
   * Subscribers that are behind may miss it: it is dropped, and counted, where more than `maxVolatilePendingBytes`
   * wait. @default false
   */
  readonly volatile?: boolean;
  /**
   * Names the publication, 1 to 64 characters: one that is published again with the same id, by whatever process, within 5
   * minutes is published once. For jobs that may run twice.
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

/** Events that a socket can listen to: its own, the client's events, and the client's calls. */
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
