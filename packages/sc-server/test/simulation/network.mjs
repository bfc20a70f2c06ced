// Replaces the network of `node:net` by streams in virtual time. Imported before the code under test.
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { activeScheduler } from './globals.mjs';

/** Bytes that a connection takes in one direction before the writer has to wait. */
const capacity = 64 * 1024;

/** One end of a connection, with what the code under test uses of `net.Socket`. */
class SimulatedSocket extends Duplex {
  remoteAddress = '127.0.0.1';
  remotePort = 1;
  bytesRead = 0;
  out;
  owner;
  #onread;
  #held = [];
  #canPush = true;
  #hasEnded = false;

  constructor(owner, { onread, allowHalfOpen = false } = {}) {
    super({ allowHalfOpen });
    this.owner = owner;
    this.#onread = onread;
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  setTimeout() {
    return this;
  }

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Takes bytes from the network; `taken` is called when they have left its buffer. */
  receive(bytes, taken) {
    if (this.destroyed) return;
    if (this.#onread !== undefined) {
      this.#read(bytes);
      taken();
    } else if (this.#canPush && this.#held.length === 0) {
      this.bytesRead += bytes.length;
      this.#canPush = this.push(bytes);
      taken();
    } else {
      this.#held.push({ bytes, taken });
    }
  }

  /** The other end will send nothing more. */
  receiveEnd() {
    if (this.destroyed) return;
    this.#hasEnded = true;
    this.#endIfRead();
  }

  _read() {
    this.#canPush = true;
    while (this.#canPush && this.#held.length > 0) {
      const { bytes, taken } = this.#held.shift();
      this.bytesRead += bytes.length;
      this.#canPush = this.push(bytes);
      taken();
    }
    this.#endIfRead();
  }

  _write(chunk, _encoding, done) {
    if (this.out === undefined) done();
    else this.out.write(chunk, done);
  }

  _final(done) {
    this.out?.end();
    done();
  }

  _destroy(error, done) {
    this.out?.closed(this.writableFinished);
    done(error);
  }

  #read(bytes) {
    const { buffer, callback } = this.#onread;
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const length = bytes.copy(buffer, 0, at, Math.min(bytes.length, at + buffer.length));
      callback(length, buffer);
    }
  }

  #endIfRead() {
    if (!this.#hasEnded || this.#held.length > 0) return;
    this.#hasEnded = false;
    this.push(null);
    if (this.#onread !== undefined) this.read(0);
  }
}

/** One direction of a connection: bytes arrive in order, in pieces of any size, some time later. */
class Pipe {
  #from;
  #to;
  #segments = [];
  #bytes = 0;
  #blocked;
  #arrivesAt = 0;
  #isCut = false;
  #isSilent = false;

  constructor(from, to) {
    this.#from = from;
    this.#to = to;
  }

  write(chunk, done) {
    // A connection that is cut without a sign takes bytes until its buffer is full.
    if (this.#isCut && !this.#isSilent) {
      done();
      return;
    }
    const bytes = Buffer.from(chunk);
    this.#bytes += bytes.length;
    if (this.#bytes <= capacity) done();
    else this.#blocked = done;
    if (this.#isCut) return;
    const { random } = activeScheduler();
    const middle = random() < 0.2 ? Math.floor(random() * bytes.length) : 0;
    if (middle > 0) this.#send(bytes.subarray(0, middle));
    this.#send(bytes.subarray(middle));
  }

  end() {
    if (!this.#isCut) this.#arrive(() => this.#to.receiveEnd());
  }

  /** The sending end is gone; after an orderly end all of it arrives. */
  closed(isOrderly) {
    if (this.#isCut) return;
    if (isOrderly) this.#arrive(() => this.#lost());
    else this.cut();
  }

  /** Some of the bytes under way arrive, up to any one of them; then the other end hears of it. */
  cut(isSilent = false) {
    if (this.#isCut) return;
    const { random } = activeScheduler();
    this.#isCut = true;
    this.#isSilent = isSilent;
    let left = Math.floor(random() * (this.#segments.reduce((sum, { bytes }) => sum + bytes.length, 0) + 1));
    for (const segment of this.#segments) {
      segment.bytes = segment.bytes.subarray(0, left);
      left -= segment.bytes.length;
      if (segment.bytes.length === 0) segment.task.isCancelled = true;
    }
    if (!isSilent) this.#arrive(() => this.#lost());
  }

  #send(bytes) {
    const segment = { bytes, task: undefined };
    this.#segments.push(segment);
    segment.task = this.#arrive(() => {
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      if (this.#to.destroyed) {
        // The reader is gone: the sender is told.
        if (!this.#isCut) this.#from.out?.refused();
        return;
      }
      this.#to.receive(segment.bytes, () => this.#taken(bytes.length));
    });
  }

  /** The receiver is gone. */
  refused() {
    this.#isCut = true;
    const { schedule, random } = bound(activeScheduler());
    schedule(random() * 5, () => this.#from.destroy(resetError()), this.#from.owner);
  }

  #lost() {
    if (activeScheduler().random() < 0.5) this.#to.destroy(resetError());
    else {
      this.#to.receiveEnd();
      // A half-open end that keeps writing hears of the reset.
      activeScheduler().schedule(1, () => this.#to.destroy(), this.#to.owner);
    }
  }

  #taken(length) {
    this.#bytes -= length;
    if (this.#blocked === undefined || this.#bytes > capacity / 2) return;
    const done = this.#blocked;
    this.#blocked = undefined;
    activeScheduler().schedule(0.1, done, this.#from.owner);
  }

  #arrive(run) {
    const scheduler = activeScheduler();
    const { now, random } = scheduler;
    const delayMs = random() < 0.03 ? random() * 200 : 0.1 + random() * 3;
    this.#arrivesAt = Math.max(this.#arrivesAt, now + delayMs);
    return scheduler.scheduleAt(this.#arrivesAt, run, this.#to.owner);
  }
}

function bound(scheduler) {
  return { schedule: scheduler.schedule.bind(scheduler), random: scheduler.random };
}

function resetError() {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

/** The connections and listeners of one simulation. */
export class Network {
  #listeners = new Map();
  #connections = new Set();

  /** Connections between two processes, by the names that they begin with. */
  connections(from, to) {
    return [...this.#connections].filter(
      ({ client, server }) => client.owner.name.startsWith(from) && server.owner.name.startsWith(to),
    );
  }

  listen(port, owner, accept) {
    this.#listeners.set(port, { owner, accept });
    owner.onKill.push(() => this.close(port, owner));
  }

  close(port, owner) {
    if (this.#listeners.get(port)?.owner === owner) this.#listeners.delete(port);
  }

  /** Begins to connect, for the process that runs. */
  connect(port, options, connected = () => undefined) {
    const scheduler = activeScheduler();
    const client = new SimulatedSocket(scheduler.current, options);
    scheduler.schedule(scheduler.between(0.1, 3), () => this.#accept(port, client, connected), scheduler.kernel);
    return client;
  }

  #accept(port, client, connected) {
    const scheduler = activeScheduler();
    if (client.destroyed || !client.owner.isAlive) return;
    const listener = this.#listeners.get(port);
    if (listener === undefined) {
      const error = Object.assign(new Error(`connect ECONNREFUSED ${port}`), { code: 'ECONNREFUSED' });
      scheduler.schedule(0, () => client.destroy(error), client.owner);
      return;
    }
    const server = new SimulatedSocket(listener.owner, { allowHalfOpen: true });
    client.out = new Pipe(client, server);
    server.out = new Pipe(server, client);
    const connection = {
      client,
      server,
      cut: (isSilent) => {
        client.out.cut(isSilent);
        server.out.cut(isSilent);
        this.#connections.delete(connection);
      },
    };
    this.#connections.add(connection);
    const forget = () => this.#connections.delete(connection);
    client.once('close', forget);
    server.once('close', forget);
    for (const { owner } of [client, server]) owner.onKill.push(() => connection.cut());
    scheduler.schedule(0, () => listener.accept(server), listener.owner);
    scheduler.schedule(
      0.1,
      () => {
        client.emit('connect');
        connected();
      },
      client.owner,
    );
  }
}

/** The network of the simulation that runs. */
let network;

export function useNetwork(one) {
  network = one;
}

const realConnect = net.connect;
const realCreateServer = net.createServer;

net.connect = (options, ...args) => {
  if (network === undefined) return realConnect(options, ...args);
  return network.connect(options.port, { onread: options.onread });
};

/** A listening socket, with what a store uses of `net.Server`. */
class SimulatedServer extends EventEmitter {
  listening = false;
  #accept;
  #where;

  constructor(accept) {
    super();
    this.#accept = accept;
  }

  listen(where, done) {
    this.#where = where;
    this.listening = true;
    network.listen(where.port, activeScheduler().current, this.#accept);
    process.nextTick(done);
    return this;
  }

  address() {
    return this.listening ? { port: this.#where.port, address: this.#where.host } : null;
  }

  close(done) {
    this.listening = false;
    network.close(this.#where.port, activeScheduler().current);
    process.nextTick(done ?? (() => undefined));
    return this;
  }
}

net.createServer = (options, accept) =>
  network === undefined ? realCreateServer(options, accept) : new SimulatedServer(accept);
syncBuiltinESMExports();
