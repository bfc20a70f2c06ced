import type { ConformanceCase } from './conformance-case.js';
import type { ClientTarget } from './client-target.js';
import { clientCallCases } from './client/call-cases.js';
import { clientChannelCases } from './client/channel-cases.js';
import { clientConnectionCases } from './client/connection-cases.js';

/** What any client of protocol v2 must do, checked by a server that says what the cases tell it to. */
export const clientConformance = {
  connection: clientConnectionCases,
  calls: clientCallCases,
  channels: clientChannelCases,
} satisfies Readonly<Record<string, readonly ConformanceCase<ClientTarget>[]>>;
