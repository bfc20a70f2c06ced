export { clusterDefaults, clusterRules, resolveClusterOptions } from './cluster/options.js';
export { renamedOptions } from './cluster/renamed-options.js';
export { askCluster, findClusters } from './cluster/control/ask-cluster.js';
export { checkOptions } from './options/check.js';
export { environmentVariables, readEnvironment } from './options/environment.js';
export { hasTextForm, valueFromText } from './options/from-text.js';
export { KeyAuthority } from './serving/auth/tokens.js';
export { serverDefaults } from './serving/options.js';

export type { AskOptions, FoundCluster } from './cluster/control/ask-cluster.js';
export type { ControlCommand } from './cluster/control/control-frames.js';
export type { ResolvedClusterOptions } from './cluster/options.js';
export type { EnvironmentOptions, EnvironmentVariable } from './options/environment.js';
export type { Part, Rule } from './options/check.js';
