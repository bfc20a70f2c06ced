// The page that the tests drive. It is bundled as an application would be, and renders in StrictMode.
import { StrictMode, createElement as h, useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'sc-client';
import { SocketProvider, createHooks } from 'sc-react';

/** The names and data of the test's application. */
export interface App {
  procedures: { double(value: number): number; never(): void; board(): { state: string[] } };
  channels: { [room: `room/${string}`]: { text: string }; board: string; price: number };
  authToken: { username: string };
}

interface Shown {
  readonly room: string | null;
  readonly watchers: number;
  readonly rewind: number | undefined;
  readonly limit: number | undefined;
  readonly parts: readonly ('room' | 'call' | 'board' | 'price')[];
}

declare global {
  var show: (change: Partial<Shown>) => void;
  var socket: ReturnType<typeof connect<App>>;
  var loads: number;
  var renders: number;
  var call: (procedure: 'double' | 'never', value?: number) => Promise<unknown>;
  var publish: (data: { text: string }) => Promise<unknown>;
}

const { useAuthToken, useCall, useChannel, useConnectionState, useLatest, useSocket, useSynced } = createHooks<App>();

function Connection(): ReactElement {
  return h('p', { id: 'connection' }, `${useConnectionState()} ${useAuthToken()?.username ?? 'nobody'}`);
}

function Room({ room, rewind, limit }: Pick<Shown, 'room' | 'rewind' | 'limit'>): ReactElement {
  globalThis.renders += 1;
  const { publications, state, error, gap, publish } = useChannel(room === null ? null : `room/${room}`, {
    ...(rewind !== undefined && { rewind }),
    ...(limit !== undefined && { limit }),
  });
  globalThis.publish = publish;
  const items = publications.map(({ key, data }) => h('li', { key }, data.text));
  const problem = error === undefined ? '' : (error as Error).message;
  return h('section', { 'data-state': state, 'data-gap': gap ?? '', 'data-error': problem }, h('ol', null, ...items));
}

function Calls(): ReactElement {
  const double = useCall('double');
  const never = useCall('never');
  globalThis.call = (procedure, value = 0) => (procedure === 'double' ? double.call(value) : never.call());
  const error = double.error === undefined ? '' : (double.error as Error).message;
  return h('p', { id: 'call' }, `${double.data ?? 'none'} ${double.isPending ? 'pending' : 'settled'} ${error}`);
}

function Board(): ReactElement {
  const socket = useSocket();
  const { state, isLive } = useSynced<string[], 'board'>('board', {
    maxDelayMs: 1,
    load: async () => {
      globalThis.loads += 1;
      return socket.invoke('board');
    },
    apply: (notes, note) => [...notes, note],
  });
  return h('p', { id: 'board' }, `${state?.join(',') ?? 'nothing'} ${isLive ? 'live' : 'waiting'}`);
}

function Price(): ReactElement {
  return h('p', { id: 'price' }, String(useLatest('price') ?? 'none'));
}

function Page(): ReactElement {
  const [{ room, watchers, rewind, limit, parts }, setShown] = useState<Shown>({
    room: null,
    watchers: 1,
    rewind: undefined,
    limit: undefined,
    parts: [],
  });
  globalThis.show = (change) => setShown((before) => ({ ...before, ...change }));
  const rooms = Array.from({ length: parts.includes('room') ? watchers : 0 }, (_, key) =>
    h(Room, { key, room, rewind, limit }),
  );
  return h(
    'main',
    null,
    h(Connection),
    ...rooms,
    parts.includes('call') && h(Calls),
    parts.includes('board') && h(Board),
    parts.includes('price') && h(Price),
  );
}

globalThis.loads = 0;
globalThis.renders = 0;
globalThis.socket = connect<App>({ autoReconnectOptions: { initialDelay: 10, randomness: 10, maxDelay: 20 } });
createRoot(document.body).render(h(StrictMode, null, h(SocketProvider<App>, { socket: globalThis.socket }, h(Page))));
