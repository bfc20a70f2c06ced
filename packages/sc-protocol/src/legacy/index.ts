export { b6Greeting, createB6Dialect } from './b6.js';
export { binaryCodec } from './binary-codec.js';
export { closeCodeForClient, errorForClient, takesBatches } from './client-rules.js';
export { createPingProber } from './ping-prober.js';

export type { PingProber, PingProberOptions, PingProberState } from './ping-prober.js';
