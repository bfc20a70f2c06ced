import { X509Certificate } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AcceptedConnection, SocketCore } from '../socket/socket-core.js';
import { subjectsOf } from './capture.js';
import { JoinMoved } from './join-moved.js';
import type { MovedRequest, MovedSocket, ShownConnection } from './moved-socket.js';

/** The connection of a moved socket, in the form that a server accepts. The stream is paused. */
export function acceptedFrom(state: MovedSocket, stream: Socket): AcceptedConnection {
  const { id, remoteAddress, subprotocol, liveness, lastCallId, request, shown } = state;
  show(stream, shown);
  const moved = { liveness, lastCallId };
  return { id, request: restoredRequest(request, stream), remoteAddress, stream, subprotocol, moved };
}

/**
 * Restores a socket of another process: its identity and subscriptions, then the event `connection`, then the input
 * that the client has sent meanwhile.
 */
export function restore(core: SocketCore, state: MovedSocket): void {
  const { parts, writer } = core;
  const { sessionId } = state.request;
  if (sessionId !== undefined) parts.sessions?.restore(core.request, sessionId);
  writer.restore(state.dialect, parts.options.authCookieName);
  core.knowsPositions = state.knowsPositions;
  core.knowsPresence = state.knowsPresence;
  core.publisher = state.publisher;
  core.kept = state.kept;
  if (state.carriedOut.length > 0) core.carriedOut = new Set(state.carriedOut);
  if (state.identity !== undefined) core.identity.restore(state.identity);
  for (const moved of state.subscriptions) new JoinMoved(core, moved).start();
  const opened = core.announceMoved();
  if (opened !== undefined) core.receiver.holdUp(opened);
  parts.recentOrders.makeUp(core, subjectsOf(core), new Set(state.carriedOut));
  const { unread, fragments } = state;
  core.transport.input.takeOver({ bytes: Buffer.from(unread), fragments });
}

function restoredRequest(saved: MovedRequest, stream: Socket): IncomingMessage {
  const request = new IncomingMessage(stream);
  const { method, url, httpVersion, rawHeaders } = saved;
  const [major = 1, minor = 1] = httpVersion.split('.').map(Number);
  Object.assign(request, { method, url, httpVersion, httpVersionMajor: major, httpVersionMinor: minor });
  request.rawHeaders = [...rawHeaders];
  // Let Node derive `headers` from the raw headers by its own rules, as for a parsed request.
  const inside = request as unknown as { _addHeaderLines(headers: string[], count: number): void };
  inside._addHeaderLines(request.rawHeaders, request.rawHeaders.length);
  request.complete = true;
  request.push(null);
  return request;
}

function show(stream: Socket, { properties, certificate }: ShownConnection): void {
  const all = {
    ...properties,
    ...(certificate !== undefined && { getPeerCertificate: () => readCertificate(certificate) }),
  };
  for (const [name, value] of Object.entries(all)) {
    Object.defineProperty(stream, name, { value, configurable: true, enumerable: true, writable: true });
  }
}

function readCertificate(der: Uint8Array): object {
  return der.length === 0 ? {} : new X509Certificate(der).toLegacyObject();
}
