import { ProxyBalancer, receiveHandOffs } from 'sc-balancer';
import { joinPool } from 'sc-worker-pool/child';
import { RefusalCounts, balancerLimits } from '../metrics/refusal-counts.js';
import { loadController } from './load-controller.js';
import type { BalancerInit, FromBalancer, ToBalancer } from './messages.js';
import { TlsStateFollower } from '../tls/apply.js';
import { unpackTlsOptions } from '../tls/portable.js';
import { maxConnections } from './file-limit.js';
import { createProcessLog } from './process-log.js';
import { reportLoad } from './report-load.js';

/**
 * Time within which a worker must accept a connection. After it, the next worker is tried: this one hangs or is
 * overloaded.
 */
const takeTimeoutMs = 1_000;

const seat = joinPool<BalancerInit, ToBalancer, FromBalancer>();
const { logLevel, tls, controllerPath, drainMs, ...rules } = await seat.init;
const { logger, setLevel } = createProcessLog({ role: 'balancer', id: seat.id }, logLevel, seat);
const limitHits = new RefusalCounts(balancerLimits, logger, 'A connection was not relayed');
const balancer = new ProxyBalancer({
  ...maxConnections({ filesEach: 2, otherFiles: 48 }),
  ...rules,
  acknowledged: true,
  connectTimeoutMs: takeTimeoutMs,
  onWarning: (error) => limitHits.take(error),
  ...(tls !== undefined && { tls: unpackTlsOptions(tls.options) }),
});
const tlsFollower =
  tls &&
  new TlsStateFollower(
    { set: (options) => balancer.setTlsOptions(options), setTicketKeys: (keys) => balancer.setTicketKeys(keys) },
    tls,
  );
if (controllerPath !== undefined) {
  const run = await loadController<ProxyBalancer>(controllerPath, 'balancer');
  await run(balancer);
}
const connections = receiveHandOffs({
  send: (message) => seat.send({ type: 'hand-off', message }),
  accept: (socket) => balancer.accept(socket),
});
let finished: Promise<void> | undefined;
seat.onMessage((message, handle) => {
  switch (message.type) {
    case 'hand-off':
      connections.handleMessage(message.message, handle);
      break;
    case 'tls':
      tlsFollower?.apply(message.state);
      break;
    case 'closing':
      finished = balancer.finish(message.withinMs);
      break;
    case 'targets':
      balancer.setTargets(message.targets);
      seat.send({ type: 'targets-set', revision: message.revision });
      break;
    case 'moving':
      balancer.countMoved(message.from, message.to);
      break;
    case 'log-level':
      setLevel(message.level);
      break;
    default:
      message satisfies never;
  }
});
const stopReporting = reportLoad(() => {
  const { connections: open, accepted } = balancer.status();
  const hits = limitHits.snapshot();
  const metrics = {
    sc_balancer_connections_total: accepted,
    sc_limit_hits_total: hits,
  };
  return { connections: open, accepted, limitHits: hits, metrics };
}, seat);
seat.onStop(async () => {
  connections.close();
  await (finished ?? balancer.drain(drainMs));
  stopReporting();
});
seat.ready();
