import type { PoolMember, WorkerPool } from 'sc-worker-pool';
import { writeMetrics, type MetricsFormat, type MetricsSource } from '../../metrics/exposition.js';
import type { MetricName, MetricValue } from '../../metrics/families.js';
import { ProcessMetrics } from '../../metrics/process-metrics.js';
import type { LoadMessage } from '../children/messages.js';
import type { PublicListener } from '../delivery/public-listener.js';
import type { BalancerProcesses } from '../delivery/proxy.js';
import type { Pools } from '../pools/pools.js';
import type { ProtocolOptions } from '../options/protocol-options.js';
import { certificateExpiry } from './certificate-expiry.js';
import { LoadTable } from './load-table.js';
import { MetricsBook } from './metrics-book.js';

/** Values that the supervisor provides in addition to the reports of its processes. */
export interface ClusterMetricsSetting {
  readonly options: Readonly<Record<'workers' | 'stores' | 'balancers', number>>;
  readonly listener: Pick<PublicListener, 'status'>;
  /** Number of dropped log entries. */
  readonly dropped: () => number;
  /** The TLS options in use; the state is `undefined` without https. The revision changes with the options. */
  readonly tls: { readonly state: { readonly revision: number } | undefined; merged(given: object): ProtocolOptions };
}

interface WatchedPool {
  readonly role: string;
  readonly count: number;
  readonly pool: Pick<WorkerPool<unknown, never, { readonly type: string }>, 'members'>;
}

type Role = 'worker' | 'store' | 'balancer';
type Values = Partial<Record<MetricName, MetricValue>>;

/**
 * The metrics of a cluster, from the reports that its processes send once per second. Writing the metrics causes no
 * work in other processes.
 */
export class ClusterMetrics {
  readonly load = new LoadTable();
  readonly reloads = { ok: 0, failed: 0 };
  readonly #setting: ClusterMetricsSetting;
  readonly #book = new MetricsBook();
  readonly #own = new ProcessMetrics();
  readonly #pools: WatchedPool[] = [];
  /** Restarts by role and id. */
  readonly #restarts = new Map<string, number>();
  readonly #lostReports = new Map<string, number>();
  #expiry: { readonly revision: number; readonly at: number | undefined } | undefined;

  constructor(setting: ClusterMetricsSetting) {
    this.#setting = setting;
  }

  /** Subscribes to the reports of all processes. */
  watch({ workers, stores }: Pools, balancers: BalancerProcesses | undefined): void {
    const { options } = this.#setting;
    this.#watch('worker', workers, options.workers);
    this.#watch('store', stores, options.stores);
    if (balancers !== undefined) this.#watch('balancer', balancers, options.balancers);
  }

  #watch<Init, In, Out extends { readonly type: string }>(
    role: Role,
    pool: WorkerPool<Init, In, Out>,
    count: number,
  ): void {
    this.#pools.push({ role, count, pool: pool });
    pool.on('message', (member, message) => {
      if (message.type !== 'load') return;
      const { load, isLast = false } = message as unknown as LoadMessage;
      this.load.report(member, load);
      this.#book.report(member, { role, id: member.id }, load.metrics, isLast);
    });
    pool.on('ready', ({ id, restarts }) => void this.#restarts.set(`${role} ${id}`, restarts));
    pool.on('exit', (_report, member) => {
      const { id } = member;
      if (!this.#book.ended(member, { role, id })) return;
      this.#lostReports.set(`${role} ${id}`, (this.#lostReports.get(`${role} ${id}`) ?? 0) + 1);
    });
  }

  write(format: MetricsFormat): string {
    const sources = this.#pools.flatMap((watched) =>
      Array.from({ length: watched.count }, (_, id) => this.#slot(watched, id)),
    );
    return writeMetrics([this.#supervisor(), ...sources], format);
  }

  stop(): void {
    this.#own.stop();
  }

  #slot({ role, pool }: WatchedPool, id: number): MetricsSource {
    const members = pool.members.filter((member) => member.id === id);
    const key = `${role} ${id}`;
    const values: Values = {
      ...this.#book.of({ role, id }),
      sc_process_ready: members.filter(({ state }) => state === 'ready').length,
      sc_process_restarts_total: this.#restarts.get(key) ?? 0,
      sc_process_lost_reports_total: this.#lostReports.get(key) ?? 0,
      ...this.#ofMembers(members),
    };
    return { labels: { role, id: String(id) }, values };
  }

  /** Combines the processes of a slot: during a reload there are two. */
  #ofMembers(members: readonly PoolMember<never>[]): Values {
    if (members.length === 0) return {};
    const beats = members.flatMap(({ heartbeat }) => (heartbeat === undefined ? [] : [heartbeat]));
    return {
      sc_process_connections: sum(members.map((member) => this.load.of(member).connections ?? 0)),
      sc_process_start_time_seconds: Math.round(Math.max(...members.map(({ startedAt }) => startedAt)) / 1_000),
      sc_process_silent_seconds: Math.max(...members.map(({ silentMs }) => silentMs)) / 1_000,
      ...(beats.length > 0 && {
        sc_process_resident_memory_bytes: sum(beats.map(({ rssBytes }) => rssBytes)),
        sc_process_heap_bytes: sum(beats.map(({ heapUsedBytes }) => heapUsedBytes)),
        sc_process_event_loop_utilization_ratio: Math.max(...beats.map(({ utilization }) => utilization)),
      }),
    };
  }

  #supervisor(): MetricsSource {
    const { listener, dropped } = this.#setting;
    const { accepted, limitHits } = listener.status();
    const expiry = this.#certificateExpiry();
    const report = {
      sc_accepted_connections_total: accepted,
      sc_limit_hits_total: limitHits,
      sc_reloads_total: { ...this.reloads },
      sc_log_entries_dropped_total: dropped(),
      ...(expiry !== undefined && { sc_certificate_expiry_timestamp_seconds: expiry }),
    };
    return this.#own.source(report, { role: 'supervisor', id: '0' });
  }

  #certificateExpiry(): number | undefined {
    const { state, ...tls } = this.#setting.tls;
    if (state === undefined) return undefined;
    if (this.#expiry?.revision !== state.revision) {
      this.#expiry = { revision: state.revision, at: certificateExpiry(tls.merged({})) };
    }
    return this.#expiry.at;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
