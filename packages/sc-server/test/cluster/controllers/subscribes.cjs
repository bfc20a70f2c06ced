// Counts what it gets of the channels that it is told to subscribe to, publishes, and is busy, on request.

/** Channels and publications in one loop turn: a worker that is busy for too long is ended. */
const perTurn = 1000;

exports.run = (worker) => {
  const { exchange } = worker;
  const counts = { received: {}, lost: {}, refused: 0 };
  exchange.on('publicationsLost', (channel, count) => {
    counts.lost[channel] = (counts.lost[channel] ?? 0) + (count ?? Infinity);
  });
  async function subscribe(channel) {
    exchange.watch(channel, () => (counts.received[channel] = (counts.received[channel] ?? 0) + 1));
    const handle = exchange.subscribe(channel);
    if (handle.isSubscribed()) return;
    // The store counts from the moment that it has the subscription.
    await new Promise((resolve, reject) => {
      handle.once('subscribe', resolve);
      handle.once('subscribeFail', reject);
    });
  }
  const commands = {
    async subscribe({ channels }) {
      for (let i = 0; i < channels.length; i += perTurn) {
        await Promise.all(channels.slice(i, i + perTurn).map(subscribe));
      }
      return channels.length;
    },
    async publish({ channels, count, bytes }) {
      const data = 'x'.repeat(bytes);
      const outcomes = [];
      for (let i = 0; i < count; i++) {
        outcomes.push(exchange.publish(channels[i % channels.length], data));
        if (i % perTurn === perTurn - 1) await new Promise((resolve) => setImmediate(resolve));
      }
      worker.sendToMaster({ published: count });
      const settled = await Promise.allSettled(outcomes);
      return settled.filter(({ status }) => status === 'fulfilled').length;
    },
    busy({ ms }) {
      for (const end = performance.now() + ms; performance.now() < end;);
      return ms;
    },
    counts({ channels }) {
      const sum = (of) => channels.reduce((total, channel) => total + (of[channel] ?? 0), 0);
      const subscribed = channels.filter((channel) => exchange.isSubscribed(channel)).length;
      return { received: sum(counts.received), lost: sum(counts.lost), subscribed };
    },
  };
  worker.on('masterMessage', async ({ number, name, ...given }) => {
    try {
      worker.sendToMaster({ number, result: await commands[name](given) });
    } catch (error) {
      worker.sendToMaster({ number, error: String(error) });
    }
  });
};
