/**
 * The names and data types of one application, declared once as an interface and used on both ends. Every part is
 * optional; an application without a part has nothing of that kind. Without such an interface, all names and data are
 * allowed.
 *
 * ```ts
 * interface ChatApp {
 *   clientEvents: { typing: { channel: string } };
 *   serverEvents: { notice: string };
 *   procedures: { login(data: { name: string }): { greeting: string } };
 *   clientProcedures: { confirm(question: string): boolean };
 *   channels: { lobby: string; [inbox: `user/${string}`]: { text: string } };
 *   authToken: { username: string };
 * }
 * ```
 */
export interface AppShape {
  /** Data of the events that clients emit without a response. */
  clientEvents?: object;
  /** Data of the events that the server emits. */
  serverEvents?: object;
  /** Procedures of the server that clients call: functions from data to result. */
  procedures?: object;
  /** Procedures of clients that the server calls. */
  clientProcedures?: object;
  /** Data of the publications of each channel. */
  channels?: object;
  /** The claims of an auth token. */
  authToken?: object;
}

/** Events from clients to the server, by name. */
export type ClientEventsOf<App> = PartOf<App, 'clientEvents', AnyData>;
/** Events from the server to clients, by name. */
export type ServerEventsOf<App> = PartOf<App, 'serverEvents', AnyData>;
/** Procedures of the server, by name. */
export type ProceduresOf<App> = PartOf<App, 'procedures', AnyProcedures>;
/** Procedures of clients, by name. */
export type ClientProceduresOf<App> = PartOf<App, 'clientProcedures', AnyProcedures>;
/** Data of channels, by name. */
export type ChannelsOf<App> = PartOf<App, 'channels', AnyData>;
/** Claims of auth tokens. */
export type ClaimsOf<App> = App extends { authToken: infer Claims } ? Claims : AnyData;

/** The names in a part of an application. */
export type NameIn<Part> = keyof Part & string;

/** The data under a name. */
export type DataOf<Part, Name> = Name extends keyof Part ? Part[Name] : never;

/** The argument of a procedure. `undefined` if it has none. */
export type ArgumentOf<Part, Name> =
  DataOf<Part, Name> extends (...data: infer Data) => unknown ? (Data extends [] ? undefined : Data[0]) : never;

/** The result of a procedure. */
export type ResultOf<Part, Name> =
  DataOf<Part, Name> extends (...data: never) => infer Result ? Awaited<Result> : never;

/** The data as a function argument, optional where it may be `undefined`. */
export type DataArgument<Data> = undefined extends Data ? [data?: Data] : [data: Data];

// `AppShape` itself stands for an application without an interface.
type PartOf<App, Name extends keyof AppShape, Any> =
  App extends Record<Name, infer Part> ? Part : AppShape extends App ? Any : object;

type AnyData = Readonly<Record<string, unknown>>;
type AnyProcedures = Readonly<Record<string, (data?: unknown) => unknown>>;
