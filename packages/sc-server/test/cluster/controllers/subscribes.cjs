// Counts what it gets of the channels that it is told to subscribe to, publishes, and is busy, on request.
exports.run = (worker) => {
  const { exchange } = worker;
  const counts = { received: {}, lost: {}, refused: 0 };
  exchange.on('publicationsLost', (channel, count) => {
    counts.lost[channel] = (counts.lost[channel] ?? 0) + (count ?? Infinity);
  });
  const commands = {
    async subscribe({ channels }) {
      await Promise.all(
        channels.map(async (channel) => {
          exchange.watch(channel, () => (counts.received[channel] = (counts.received[channel] ?? 0) + 1));
          const handle = exchange.subscribe(channel);
          if (handle.isSubscribed()) return;
          // The store counts from the moment that it has the subscription.
          await new Promise((resolve, reject) => {
            handle.once('subscribe', resolve);
            handle.once('subscribeFail', reject);
          });
        }),
      );
      return channels.length;
    },
    async publish({ channels, count, bytes }) {
      const data = 'x'.repeat(bytes);
      const outcomes = await Promise.allSettled(
        Array.from({ length: count }, (_, i) => exchange.publish(channels[i % channels.length], data)),
      );
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
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
