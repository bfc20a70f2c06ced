import type { PoolMember } from 'sc-worker-pool';
import type { ToWorker, WorkerDelivery } from '../children/messages.js';

export type WorkerMember = PoolMember<ToWorker>;

/** How connections reach the workers of a cluster. The supervisor owns the listening port in every case. */
export interface Delivery {
  /** The port in use, once it listens. */
  readonly port: number | undefined;
  /** Takes the port. Connections that come before there is a worker wait. Rejects when the port cannot be had. */
  listen(): Promise<void>;
  /** Starts what stands between the port and the workers. Rejects with `StartError`. */
  start(): Promise<void>;
  /** The settings with which a worker receives connections. */
  forWorker(id: number, generation: number): WorkerDelivery;
  /** This worker may get connections from now on. */
  addWorker(member: WorkerMember): void;
  /** This worker gets nothing new; what it was offered it may still take. */
  drainWorker(member: WorkerMember): void;
  /** The open connections of one worker are moving to another one. */
  beginMoves(from: WorkerMember, to: WorkerMember): void;
  /** A connection has moved to this worker. */
  countMoved(to: WorkerMember): void;
  /** This worker is gone; what it has not acknowledged goes to another. May be repeated. */
  removeWorker(member: WorkerMember): void;
  /** Handles a worker's message about a connection handed to it. */
  handleWorkerMessage(member: WorkerMember, message: unknown): void;
  /** Stops accepting connections and closes the port; delivered connections stay open. */
  stopListening(): Promise<void>;
  /** Ends what stands between the port and the workers within this time. Call it when the workers have ended. */
  close(withinMs: number): Promise<void>;
}
