import type { ReactElement } from 'react';
import type { SCClientSocket, SocketState } from 'sc-client';
import type { SyncOptions } from 'sc-client/sync';
import type {
  AppShape,
  ArgumentOf,
  ChannelsOf,
  ClaimsOf,
  DataArgument,
  DataOf,
  NameIn,
  ProceduresOf,
  ResultOf,
} from 'sc-protocol';
import { useCall, type Call } from './call.js';
import { useChannel, useLatest, type ChannelView } from './channel.js';
import { useAuthToken, useConnectionState } from './connection.js';
import { SocketProvider, useSocket, type SocketProviderProps } from './context.js';
import type { ChannelFeedOptions } from './feed.js';
import { useSynced, type SyncedView } from './synced.js';

/** The hooks with the names and data of one application. */
export interface Hooks<App extends AppShape> {
  /** See `SocketProvider`. */
  readonly SocketProvider: (props: SocketProviderProps<App>) => ReactElement;
  /** See `useSocket`. */
  readonly useSocket: () => SCClientSocket<App>;
  /** See `useConnectionState`. */
  readonly useConnectionState: () => SocketState;
  /** See `useAuthToken`. */
  readonly useAuthToken: () => Readonly<ClaimsOf<App>> | null;
  /** See `useChannel`. */
  readonly useChannel: <Name extends NameIn<ChannelsOf<App>>>(
    name: Name | null,
    options?: ChannelFeedOptions,
  ) => ChannelView<DataOf<ChannelsOf<App>, Name>>;
  /** See `useLatest`. */
  readonly useLatest: <Name extends NameIn<ChannelsOf<App>>>(
    name: Name | null,
    options?: Omit<ChannelFeedOptions, 'limit'>,
  ) => DataOf<ChannelsOf<App>, Name> | undefined;
  /** See `useCall`. */
  readonly useCall: <Name extends NameIn<ProceduresOf<App>>>(
    procedure: Name,
  ) => Call<DataArgument<ArgumentOf<ProceduresOf<App>, Name>>, ResultOf<ProceduresOf<App>, Name>>;
  /** See `useSynced`. */
  readonly useSynced: <State, Name extends NameIn<ChannelsOf<App>>>(
    name: Name,
    options: SyncOptions<State, DataOf<ChannelsOf<App>, Name>>,
  ) => SyncedView<State>;
}

/** Types the hooks with the interface of an application, once per page: `export const { useChannel } = createHooks<App>()`. */
export function createHooks<App extends AppShape>(): Hooks<App> {
  const hooks = {
    SocketProvider,
    useSocket,
    useConnectionState,
    useAuthToken,
    useChannel,
    useLatest,
    useCall,
    useSynced,
  };
  return hooks;
}
