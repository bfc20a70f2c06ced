import { useCallback, useSyncExternalStore } from 'react';
import type { SocketState } from 'sc-client';
import type { AppShape, ClaimsOf } from 'sc-protocol';
import { useSocket } from './context.js';

/** State of the connection: `'connecting'`, `'open'` or `'closed'`. `'connecting'` during server-side rendering. */
export function useConnectionState(): SocketState {
  const socket = useSocket();
  const subscribe = useCallback(
    (changed: () => void) => {
      socket.on('connect', changed).on('disconnect', changed).on('connectAbort', changed).on('close', changed);
      return () =>
        void socket
          .off('connect', changed)
          .off('disconnect', changed)
          .off('connectAbort', changed)
          .off('close', changed);
    },
    [socket],
  );
  return useSyncExternalStore(subscribe, () => socket.state, serverState);
}

/** Claims of the user's auth token, or `null` while no user is logged in. `null` during server-side rendering. */
export function useAuthToken<App extends AppShape = AppShape>(): Readonly<ClaimsOf<App>> | null {
  const socket = useSocket<App>();
  const subscribe = useCallback(
    (changed: () => void) => {
      socket.on('authenticate', changed).on('deauthenticate', changed).on('authStateChange', changed);
      return () =>
        void socket.off('authenticate', changed).off('deauthenticate', changed).off('authStateChange', changed);
    },
    [socket],
  );
  return useSyncExternalStore(subscribe, () => socket.authToken, nobody);
}

const serverState = (): SocketState => 'connecting';
const nobody = (): null => null;
