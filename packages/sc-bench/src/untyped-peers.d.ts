// Types for the used parts of packages that have none.
declare module 'socketcluster-server' {
  import type { Server } from 'node:http';
  interface Request {
    readonly data: unknown;
    end(data: unknown): void;
  }
  interface Socket {
    procedure(name: string): AsyncIterable<Request>;
  }
  interface AGServer {
    listener(event: 'connection'): AsyncIterable<{ socket: Socket }>;
  }
  export function attach(httpServer: Server, options: object): AGServer;
}

declare module 'socketcluster-server-14' {
  import type { Server } from 'node:http';
  interface Socket {
    on(event: string, handler: (data: unknown, respond: (error: null, data: unknown) => void) => void): void;
  }
  interface SCServer {
    on(event: 'connection', listener: (socket: Socket) => void): void;
  }
  export function attach(httpServer: Server, options: object): SCServer;
}
