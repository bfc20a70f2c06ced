// Invariants that a run can break on purpose, to show that the checker finds it.

export const faults = ['forgets', 'trusts', 'skips'];

/** Changes what a worker is told by its stores, or tells them. */
export function breakStore(store, fault, scheduler) {
  switch (fault) {
    case undefined:
      break;
    case 'forgets': {
      // The store is not told that a publication is sent again.
      const publish = store.publishPayload.bind(store);
      store.publishPayload = (channel, payload, { publisher: _publisher, seq: _seq, id: _id, ...options } = {}) =>
        publish(channel, payload, options);
      break;
    }
    case 'trusts': {
      // A recovery is always complete.
      const read = store.readStream.bind(store);
      store.readStream = async (channel, options) => {
        const page = await read(channel, options);
        return { ...page, recovered: true, reason: undefined };
      };
      break;
    }
    case 'skips': {
      // One of the missed publications is left out, and nothing says so: the worker's count goes on.
      const open = store.open.bind(store);
      store.open = (channel, sink, options) => {
        let skipped = 0;
        const renumbered = {
          ...sink,
          publication: (publication) => {
            if (scheduler.random() < 0.05) skipped++;
            else
              sink.publication(
                Object.assign(publication, {
                  live: publication.live - skipped,
                  prev: publication.offset - 1 - (publication.offset > 0 ? skipped : 0),
                }),
              );
          },
          subscribed: (page) => {
            skipped = 0;
            sink.subscribed(page);
          },
        };
        return open(channel, renumbered, options);
      };
      break;
    }
    default:
      throw new Error(`There is no fault "${fault}"`);
  }
}
