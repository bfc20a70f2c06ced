export { clusterTable } from './cluster/options/cluster-table.js';
export { resolveClusterOptions } from './cluster/options/options.js';
export { renamedOptions } from './cluster/options/renamed.js';
export { askCluster, findClusters, searchClusters } from './cluster/control/ask-cluster.js';
export { environmentVariables, readEnvironment } from './kit/options/environment.js';
export { hasTextForm, valueFromText } from './kit/options/from-text.js';
export { printable } from './log/printable.js';
export { clientOrders, maxListedClients } from './cluster/inspect/questions.js';
export { KeyAuthority } from './auth/tokens.js';

export type { AskOptions, FoundCluster, SilentCluster } from './cluster/control/ask-cluster.js';
export type { ActionResult, ClientList } from './cluster/inspect/inspector.js';
export type { InspectRequest } from './cluster/inspect/inspect-requests.js';
export type { ClientOrder, ListedClient } from './cluster/inspect/questions.js';
export type { ControlRequest } from './cluster/control/control-frames.js';
export type { ResolvedClusterOptions } from './cluster/options/resolved-options.js';
export type { EnvironmentOptions, EnvironmentVariable } from './kit/options/environment.js';
