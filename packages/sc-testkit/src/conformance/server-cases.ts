import { applicationCases } from './server/application-cases.js';
import { batchCases } from './server/batch-cases.js';
import { channelCases } from './server/channel-cases.js';
import { handshakeCases } from './server/handshake-cases.js';
import { hostileCases } from './server/hostile-cases.js';
import { pingCases } from './server/ping-cases.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ServerTarget } from './server-target.js';

/**
 * Requirements for any server of the protocol, checked over raw WebSockets. The server must allow all clients to
 * subscribe and publish to channels under `conformance/`. The cases of `pings` wait for the ping timeout, so start the
 * server with a short one. `application` needs the events of `examples/acceptance`.
 */
export const serverConformance = {
  handshake: handshakeCases,
  channels: channelCases,
  batches: batchCases,
  hostileInput: hostileCases,
  pings: pingCases,
  application: applicationCases,
} satisfies Readonly<Record<string, readonly ConformanceCase<ServerTarget>[]>>;
