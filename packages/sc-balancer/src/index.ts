export { HandOffListener } from './hand-off/hand-off-listener.js';
export { ProxyBalancer } from './proxy/proxy-balancer.js';
export { encodeProxyHeader, parseProxyHeader } from './proxy-header/proxy-header.js';
export { readProxyHeader } from './proxy-header/read-proxy-header.js';
export { receiveHandOffs } from './hand-off/receive-hand-offs.js';
export { withTlsDefaults } from './tls/tls-defaults.js';
export { TlsTermination } from './tls/tls-termination.js';

export type { ConnectionContext, ConnectionMiddleware } from './admission/connection-middleware.js';
export type { HandOffStatus, HandOffTarget } from './hand-off/hand-off-listener.js';
export type { HandOffOrder, HandOffReply } from './hand-off/messages.js';
export type { HandOffOptions } from './hand-off/options.js';
export type { ProxyStatus } from './proxy/proxy-balancer.js';
export type { Endpoint, ProxyInfo, ProxyTls } from './proxy-header/proxy-header.js';
export type { ProxyOptions, ProxyTarget } from './proxy/options.js';
export type { ReadProxyHeaderOptions } from './proxy-header/read-proxy-header.js';
export type { HandOffReceiver, ReceiveOptions } from './hand-off/receive-hand-offs.js';
export type { ChoicePolicy } from './targets/target-choice.js';
export type { CertificateOptions, TerminationOptions } from './tls/tls-termination.js';
