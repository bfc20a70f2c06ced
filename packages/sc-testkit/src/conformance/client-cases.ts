import type { ConformanceCase } from './conformance-case.js';
import type { ClientTarget } from './client-target.js';
import { clientCallCases } from './client/call-cases.js';
import { clientChannelCases } from './client/channel-cases.js';
import { clientConnectionCases } from './client/connection-cases.js';

/** Requirements for any client of protocol v2, checked by a scripted server. */
export const clientConformance = {
  connection: clientConnectionCases,
  calls: clientCallCases,
  channels: clientChannelCases,
} satisfies Readonly<Record<string, readonly ConformanceCase<ClientTarget>[]>>;
