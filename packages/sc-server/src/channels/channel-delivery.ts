import type { Publication, Store } from 'ndata-store';
import type { PublicationPosition } from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import { Feeds } from './feeds.js';
import { LossReport } from './loss-report.js';
import { jsonOfPayload } from './payload.js';
import type { PublishOutLine } from './publish-out-line.js';
import { watchLinks } from './watch-links.js';

/** Recipients of the store's publications, and of notices about lost ones. Payloads are JSON. */
export interface DeliveryTargets {
  readonly publishOut: PublishOutLine;
  readonly exchange: {
    deliver(channel: string, payload: Uint8Array): void;
    emit(event: 'publicationsLost', channel: string, count: number | undefined): unknown;
  };
  onLost(channel: string, count: number | undefined): void;
}

/** Delivers the publications of a store to this process, and reports lost ones. */
export class ChannelDelivery {
  readonly feeds: Feeds;
  readonly losses: LossReport;
  readonly #logger: Logger;
  readonly #stopWatching: () => void;
  #targets: DeliveryTargets | undefined;

  constructor(store: Store, logger: Logger) {
    this.#logger = logger;
    this.losses = new LossReport(logger);
    this.feeds = new Feeds({
      store,
      logger,
      deliver: (publication) => this.#deliver(publication),
      lost: (loss) => {
        this.losses.add(loss);
        this.#targets?.exchange.emit('publicationsLost', loss.channel, loss.count);
        this.#targets?.onLost(loss.channel, loss.count);
      },
      moved: (channel, position, reason) => this.#targets?.publishOut.moved(channel, position, reason),
    });
    this.#stopWatching = watchLinks(store, logger);
  }

  connect(targets: DeliveryTargets): void {
    this.#targets = targets;
  }

  stop(): void {
    this.#targets = undefined;
    this.feeds.stop();
    this.#stopWatching();
    this.losses.stop();
  }

  /** Hot path. */
  #deliver(publication: Publication): void {
    if (this.#targets === undefined) return;
    const { publishOut, exchange } = this.#targets;
    const { channel, payload, isVolatile } = publication;
    try {
      const json = jsonOfPayload(payload);
      publishOut.deliver(channel, json, isVolatile, positionOf(publication), exceptOf(publication));
      exchange.deliver(channel, json);
    } catch (error) {
      // An invalid payload from one publisher must not break the shared link.
      this.#logger.error(`A publication to "${channel}" could not be delivered`, { error });
    }
  }
}

/** The id of the socket to skip, from the publication's headers. Hot path. */
export function exceptOf({ headers }: Publication): string | undefined {
  return headers === undefined ? undefined : (JSON.parse(headers) as { readonly except?: string }).except;
}

/** The position fields sent to clients; `undefined` if the publication has no position. Hot path. */
export function positionOf({ offset, prev, epoch }: Publication): PublicationPosition | undefined {
  if (offset === 0) return undefined;
  if (prev === offset - 1 && epoch === undefined) return { offset };
  return { offset, ...(prev !== offset - 1 && { prev }), ...(epoch !== undefined && { epoch }) };
}
