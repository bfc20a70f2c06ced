import { ProxyBalancer, receiveHandOffs } from 'sc-balancer';
import { joinPool } from 'sc-worker-pool/child';
import { createEntryLogger } from '../../log/central-log.js';
import { createLimitedWarning } from '../../log/limited-warning.js';
import { loadController } from './load-controller.js';
import type { BalancerInit, FromBalancer, ToBalancer } from './messages.js';
import { unpackKeys, unpackTlsOptions } from '../tls/portable.js';
import { mostConnections } from './file-limit.js';
import { reportLoad } from './report-load.js';

const seat = joinPool<BalancerInit, ToBalancer, FromBalancer>();
const { tls, controllerPath, maxConnectionsPerAddress, trustedPeers, drainMs } = await seat.init;
const logger = createEntryLogger({ role: 'balancer', id: seat.id, pid: process.pid }, (entry) =>
  seat.send({ type: 'log', entry }),
);
const balancer = new ProxyBalancer({
  ...mostConnections(),
  maxConnectionsPerAddress,
  trustedPeers,
  onWarning: createLimitedWarning(logger, 'A connection was not relayed'),
  ...(tls !== undefined && { tls: unpackTlsOptions(tls) }),
});
if (controllerPath !== undefined) {
  const run = await loadController<ProxyBalancer>(controllerPath, 'balancer');
  await run(balancer);
}
const connections = receiveHandOffs({
  send: (message) => seat.send({ type: 'hand-off', message }),
  accept: (socket) => balancer.accept(socket),
});
seat.onMessage((message, handle) => {
  switch (message.type) {
    case 'hand-off':
      connections.handleMessage(message.message, handle);
      break;
    case 'tls':
      balancer.setSecureContext(unpackTlsOptions(message.tls));
      break;
    case 'ticket-keys':
      balancer.setTicketKeys(unpackKeys(message.keys));
      break;
    case 'targets':
      balancer.setTargets(message.targets);
      seat.send({ type: 'targets-set', revision: message.revision });
      break;
    default:
      message satisfies never;
  }
});
const stopReporting = reportLoad(
  () => {
    const { connections: open, accepted } = balancer.status();
    return { connections: open, accepted };
  },
  (message) => seat.send(message),
);
seat.onStop(async () => {
  stopReporting();
  connections.close();
  // When the whole cluster ends, the workers have ended their connections before.
  await balancer.drain(drainMs);
});
seat.ready();
