import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, waitFor, type RawSocket } from 'sc-testkit';
import { parseMetrics, scrape, total, type Samples } from '../metrics/read-metrics.js';
import { startCluster, type TestCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function start(options: Parameters<typeof startCluster>[0] = {}): Promise<TestCluster> {
  return cleanup.add(await startCluster({ healthPort: 0, ...options }), ({ cluster }) => cluster.close());
}

/** Reads the metrics until they are as wanted: children report once a second. */
async function metricsOf({ cluster }: TestCluster, isRight: (samples: Samples) => boolean, what: string) {
  let text = '';
  await waitFor(
    async () => {
      text = await scrape(cluster.status().healthPort);
      return isRight(parseMetrics(text));
    },
    { deadlineMs: 60_000, what: () => `${what}; the last were\n${text}` },
  );
  return parseMetrics(text);
}

/** A load generator's own counts. */
interface Counts {
  connections: number;
  closes: number;
  sent: number;
  received: number;
  calls: number;
  failedCalls: number;
  publications: number;
  deliveries: number;
}

/** Some clients of one room: each subscribes, publishes, calls, and leaves. */
async function runLoad({ connect }: TestCluster, counts: Counts, clients: number, rounds: number): Promise<void> {
  const sockets: RawSocket[] = [];
  for (let i = 0; i < clients; i++) sockets.push(await connect());
  counts.connections += clients;
  const call = async (socket: RawSocket, event: string, data?: unknown) => {
    await socket.call(event, data, { deadlineMs: 30_000 });
    counts.sent += 1;
  };
  counts.sent += clients; // Handshakes.
  for (const socket of sockets) await call(socket, '#subscribe', { channel: 'room' });
  for (let round = 0; round < rounds; round++) {
    for (const socket of sockets) {
      await call(socket, '#publish', { channel: 'room', data: { round } });
      await call(socket, 'worker');
      await call(socket, 'missing');
    }
  }
  const published = clients * rounds;
  counts.publications += published;
  counts.deliveries += published * clients;
  counts.calls += published;
  counts.failedCalls += published;
  for (const socket of sockets) {
    await waitFor(() => socket.frames.filter(({ event }) => event === '#publish').length === published, {
      deadlineMs: 30_000,
      what: 'every delivery',
    });
  }
  for (const socket of sockets) counts.received += socket.messages.length;
  await Promise.all(sockets.map((socket) => socket.close()));
  counts.closes += clients;
}

const zero = (): Counts => ({
  connections: 0,
  closes: 0,
  sent: 0,
  received: 0,
  calls: 0,
  failedCalls: 0,
  publications: 0,
  deliveries: 0,
});

function seen(samples: Samples): Counts {
  return {
    connections: total(samples, 'sc_connections_total'),
    closes: total(samples, 'sc_closes_total'),
    sent: total(samples, 'sc_messages_received_total'),
    received: total(samples, 'sc_messages_sent_total'),
    calls: total(samples, 'sc_calls_total', { outcome: 'ok' }),
    failedCalls: total(samples, 'sc_calls_total', { outcome: 'noHandler' }),
    publications: total(samples, 'sc_client_publications_total', { outcome: 'accepted' }),
    deliveries: total(samples, 'sc_deliveries_total'),
  };
}

describe('the metrics of a cluster', () => {
  it.each([0, 1])('count what a load generator counts, through reloads, with %d balancers', async (balancers) => {
    const test = await start({ balancers });
    const counts = zero();
    for (let run = 0; run < 3; run++) {
      await runLoad(test, counts, 4, 5);
      if (run < 2) await test.cluster.reload();
    }
    const samples = await metricsOf(
      test,
      (found) =>
        total(found, 'sc_closes_total') >= counts.closes &&
        total(found, 'sc_store_publications_total') >= counts.publications,
      `the closes of ${JSON.stringify(counts)}`,
    );
    expect(seen(samples)).toEqual(counts);
    expect(total(samples, 'sc_handshakes_total')).toBe(counts.connections);
    expect(total(samples, 'sc_closes_total', { code: 1000 })).toBe(counts.closes);
    expect(total(samples, 'sc_store_publications_total')).toBe(counts.publications);
    expect(total(samples, 'sc_clients')).toBe(0);
    expect(total(samples, 'sc_process_lost_reports_total')).toBe(0);
    expect(total(samples, 'sc_reloads_total', { result: 'ok' })).toBe(2);
    expect(total(samples, 'sc_process_ready')).toBe(3 + balancers);
    expect(total(samples, 'sc_balancer_connections_total')).toBe(balancers * counts.connections);
  });

  it('lack at most the last report of a worker that was killed, and say so', async () => {
    const test = await start({ workers: 1 });
    const counts = zero();
    await runLoad(test, counts, 3, 3);
    await metricsOf(test, (found) => total(found, 'sc_closes_total') === counts.closes, 'the first load');
    const lost = zero();
    await runLoad(test, lost, 3, 3);
    process.kill(test.cluster.status().workers[0]?.pid ?? 0, 'SIGKILL');
    await waitFor(() => test.cluster.status().workers[0]?.state !== 'ready', { what: 'the end of the worker' });
    await waitFor(() => test.cluster.status().workers[0]?.state === 'ready', {
      deadlineMs: 60_000,
      what: 'the next worker',
    });
    await runLoad(test, counts, 2, 2);
    const samples = await metricsOf(
      test,
      (found) =>
        total(found, 'sc_closes_total') >= counts.closes &&
        total(found, 'sc_process_lost_reports_total') === 1 &&
        total(found, 'sc_store_publications_total') >= counts.publications + lost.publications,
      'the load after the kill',
    );
    const found = seen(samples);
    for (const name of Object.keys(counts) as (keyof Counts)[]) {
      expect(found[name]).toBeGreaterThanOrEqual(counts[name]);
      expect(found[name]).toBeLessThanOrEqual(counts[name] + lost[name]);
    }
    // Stores count publications, and were not killed.
    expect(total(samples, 'sc_store_publications_total')).toBe(counts.publications + lost.publications);
    expect(total(samples, 'sc_process_restarts_total', { role: 'worker' })).toBe(1);
    expect(total(samples, 'sc_clients')).toBe(0);
  });

  it('are answered at once while a worker stands still, to 100 collectors at a time', async () => {
    const test = await start();
    const [worker] = test.cluster.status().workers;
    const pid = worker?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    cleanup.add(pid, (stopped) => process.kill(stopped, 'SIGCONT'));
    const port = test.cluster.status().healthPort;
    const texts = await Promise.all(Array.from({ length: 100 }, () => scrape(port)));
    for (const text of texts) expect(total(parseMetrics(text), 'sc_process_ready', { role: 'worker' })).toBe(2);
    await metricsOf(
      test,
      (found) => total(found, 'sc_process_silent_seconds', { role: 'worker', id: worker?.id ?? 0 }) > 1.5,
      'the silence of the worker',
    );
    process.kill(pid, 'SIGCONT');
    await metricsOf(
      test,
      (found) => {
        const late = ['10.0', '+Inf'].map((le) =>
          total(found, 'sc_process_event_loop_lag_seconds_bucket', { role: 'worker', id: worker?.id ?? 0, le }),
        );
        const early = total(found, 'sc_process_event_loop_lag_seconds_bucket', {
          role: 'worker',
          id: worker?.id ?? 0,
          le: '1.0',
        });
        return late.some((count) => count > early);
      },
      'the block in the histogram',
    );
  });

  it('name refusals and limits, and hold no text of a client', async () => {
    const { cluster, connect, url, ...test } = await start({ workers: 1, allowClientPublish: false });
    const socket = await connect();
    const secret = 'never-in-metrics';
    await socket.call('#publish', { channel: secret, data: secret });
    await socket.call('#subscribe', { channel: secret });
    await socket.call(secret);
    await socket.call('login', secret);
    await socket.close(4321, secret);
    const refused = await fetch(url.replace('ws', 'http'), { headers: { origin: `http://${secret}.example` } });
    await refused.text();
    const whole = { cluster, connect, url, ...test };
    const samples = await metricsOf(whole, (found) => total(found, 'sc_closes_total') === 1, 'the close');
    expect(total(samples, 'sc_refusals_total', { rule: 'allowClientPublish' })).toBe(1);
    expect(total(samples, 'sc_client_publications_total', { outcome: 'refused' })).toBe(1);
    expect(total(samples, 'sc_closes_total', { code: 'other' })).toBe(1);
    expect(total(samples, 'sc_limit_hits_total', { limit: 'pendingBytes', role: 'worker' })).toBe(0);
    expect(await scrape(cluster.status().healthPort)).not.toContain(secret);
  });

  const promtool = requiredTool('promtool', { for: 'the format of the metrics' });
  (promtool === undefined ? it.skip : it)('pass the checks of promtool', async () => {
    const test = await start({ balancers: 1 });
    await runLoad(test, zero(), 1, 1);
    const input = await scrape(test.cluster.status().healthPort);
    expect(execFileSync(promtool ?? '', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
    const answer = await fetch(`http://127.0.0.1:${test.cluster.status().healthPort}/metrics`, {
      headers: { accept: 'application/openmetrics-text; version=1.0.0' },
    });
    expect(answer.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect((await answer.text()).endsWith('# EOF\n')).toBe(true);
  });
});
