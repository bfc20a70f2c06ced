import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react';
import type { SCClientSocket } from 'sc-client';
import type { AppShape } from 'sc-protocol';

/** A socket of any application. */
export type AnySocket = SCClientSocket;

const SocketContext = createContext<AnySocket | undefined>(undefined);

/** Properties of `SocketProvider`. */
export interface SocketProviderProps<App extends AppShape = AppShape> {
  /** The socket for all hooks below. Create it once, outside of components: `const socket = connect()`. */
  readonly socket: SCClientSocket<App>;
  readonly children?: ReactNode;
}

/**
 * Provides a socket to the hooks of all components below. Does not connect or close the socket: that is up to the code
 * that created it.
 */
export function SocketProvider<App extends AppShape>({ socket, children }: SocketProviderProps<App>): ReactElement {
  return createElement(SocketContext.Provider, { value: socket as unknown as AnySocket }, children);
}

/** The socket of the nearest `SocketProvider`. Throws an `Error` when there is none. */
export function useSocket<App extends AppShape = AppShape>(): SCClientSocket<App> {
  const socket = useContext(SocketContext);
  if (socket === undefined) {
    throw new Error(
      'There is no SocketProvider above this component: wrap the page in <SocketProvider socket={socket}>',
    );
  }
  return socket as unknown as SCClientSocket<App>;
}
