import { describe, it } from '@jest/globals';
import { connect, memoryTokenStore, type AuthEngine } from 'sc-client';
import { clientConformance, type ClientTarget } from 'sc-testkit';

const delays = { initialDelay: 20, randomness: 20, multiplier: 1, maxDelay: 50 };
const stores = new WeakMap<object, AuthEngine>();

function tokenStoreOf(storage: object): AuthEngine {
  const store = stores.get(storage) ?? memoryTokenStore();
  stores.set(storage, store);
  return store;
}

const ours: ClientTarget = {
  start(url, storage) {
    const socket = connect({ url, authEngine: tokenStoreOf(storage), autoReconnectOptions: delays });
    socket.on('error', () => undefined);
    return {
      invoke: (event, data) => socket.invoke(event, data),
      emit: (event, data) => socket.emit(event, data),
      subscribe(name, onPublication) {
        const channel = socket.subscribe(name);
        channel.watch(onPublication);
        return new Promise((resolve, reject) => {
          channel.once('subscribe', () => {
            resolve();
          });
          channel.once('subscribeFail', reject);
        });
      },
      unsubscribe: (name) => socket.unsubscribe(name),
      async publish(name, data) {
        await socket.publish(name, data);
      },
      handle: (event, handler) => {
        socket.handle(event, handler);
      },
      listen: (event, listener) => {
        socket.on(event, listener);
      },
      close: () => socket.disconnect(),
    };
  },
};

describe.each(Object.entries(clientConformance))('sc-client, %s', (_group, cases) => {
  // eslint-disable-next-line jest/expect-expect -- the case asserts
  it.each(cases)('$name', (one) => one.run(ours));
});
