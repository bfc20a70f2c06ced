export { HandOffListener } from './hand-off-listener.js';
export { ProxyBalancer } from './proxy-balancer.js';
export { encodeProxyHeader, parseProxyHeader } from './proxy-header.js';
export { readProxyHeader } from './read-proxy-header.js';
export { receiveHandOffs } from './receive-hand-offs.js';
export { withTlsDefaults } from './tls-defaults.js';
export { TlsTermination } from './tls-termination.js';

export type { ConnectionContext, ConnectionMiddleware } from './connection-middleware.js';
export type { HandOffStatus, HandOffTarget } from './hand-off-listener.js';
export type { HandOffOrder, HandOffReply } from './hand-off-messages.js';
export type { HandOffOptions } from './hand-off-options.js';
export type { ProxyStatus } from './proxy-balancer.js';
export type { Endpoint, ProxyInfo, ProxyTls } from './proxy-header.js';
export type { ProxyOptions, ProxyTarget } from './proxy-options.js';
export type { ReadProxyHeaderOptions } from './read-proxy-header.js';
export type { HandOffReceiver, ReceiveOptions } from './receive-hand-offs.js';
export type { ChoicePolicy } from './target-choice.js';
export type { CertificateOptions, TerminationOptions } from './tls-termination.js';
