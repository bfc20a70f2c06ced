import { createElement as h, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import {
  SocketProvider,
  useAuthToken,
  useCall,
  useChannel,
  useConnectionState,
  useLatest,
  useSynced,
} from '../src/index.js';

function Everything({ limit = 5 }: { readonly limit?: number }): ReactElement {
  const view = {
    state: useConnectionState(),
    user: useAuthToken(),
    room: useChannel('room', { limit }),
    latest: useLatest('price'),
    call: useCall('double'),
    synced: useSynced('board', { load: () => ({ state: 1 }), apply: (state: number) => state, initial: { state: 5 } }),
  };
  return h('pre', null, JSON.stringify(view));
}

const render = (element: ReactElement) => {
  const socket = connect({ hostname: 'localhost', autoConnect: false });
  try {
    return renderToString(h(SocketProvider, { socket }, element));
  } finally {
    socket.destroy();
  }
};

describe('on a server that renders pages', () => {
  it('hooks connect to nothing and return what the page begins with', () => {
    const html = render(h(Everything));
    expect(JSON.parse(html.replace(/<\/?pre>/g, '').replaceAll('&quot;', '"'))).toEqual({
      state: 'connecting',
      user: null,
      room: { publications: [], state: 'unsubscribed' },
      call: { isPending: false },
      synced: { state: 5, isLive: false },
    });
  });

  it('a component without a provider, and a limit that cannot be, are refused with what to do', () => {
    expect(() => renderToString(h(Everything))).toThrow(
      'There is no SocketProvider above this component: wrap the page in <SocketProvider socket={socket}>',
    );
    for (const limit of [0, -1, 1.5, NaN, '5']) {
      expect(() => render(h(Everything, { limit: limit as number }))).toThrow(
        `\`limit\` of useChannel must be a whole number of at least 1, got ${String(limit)}`,
      );
    }
  });
});
