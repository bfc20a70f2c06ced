// Attacks of clients on a server, at a given scale. Each returns its measurements.
import { availableParallelism, loadavg } from 'node:os';
import { deflateRawSync } from 'node:zlib';
import { frame, openClient, openSocket, tcp, upgradeHead } from './client.mjs';

/** Half of the subscribers stop reading while much is published. */
export async function slowReaders({ port, tell }, { slow, healthy, messages, messageBytes, bytesPerSecond }) {
  const open = (count) => Promise.all(Array.from({ length: count }, () => openSocket(port)));
  const [readers, sleepers] = [await open(healthy), await open(slow)];
  for (const client of [...readers, ...sleepers]) client.sendFrame({ event: '#subscribe', cid: 2, data: 'feed' });
  for (const client of [...readers, ...sleepers]) await client.until(() => client.frames > 1, 'the subscription');
  for (const client of readers) client.sendFrame({ event: 'reads', cid: 3 });
  for (const client of readers) await client.until(() => client.frames > 2, 'an answer');
  for (const { socket } of sleepers) socket.pause();
  await tell('reset');
  const { rss: before, cpuMs: cpuBefore } = await tell('report');
  const ownCpuBefore = process.cpuUsage();
  const started = performance.now();
  await tell('publish', { channel: 'feed', count: messages, bytes: messageBytes, bytesPerSecond });
  const published = messages;
  for (const one of readers) await one.until(() => one.bigFrames === published, 'the last message', 60_000);
  const seconds = (performance.now() - started) / 1000;
  const { peakBytes, codes, clients, cpuMs } = await tell('report');
  const own = process.cpuUsage(ownCpuBefore);
  const cores = {
    server: round((cpuMs - cpuBefore) / 1000 / seconds),
    clients: round((own.user + own.system) / 1e6 / seconds),
    machine: availableParallelism(),
    load: round(loadavg()[0]),
  };
  const megabytesPerSecond = round((published * messageBytes) / seconds / 1e6);
  for (const { socket } of [...readers, ...sleepers]) socket.destroy();
  return {
    published,
    received: [...new Set(readers.map(({ bigFrames }) => bigFrames))],
    closed: codes,
    left: clients,
    megabytesPerSecond,
    // Throughput to the subscribers that read.
    deliveredMegabytesPerSecond: round(megabytesPerSecond * healthy),
    ...(megabytesPerSecond < (bytesPerSecond / 1e6) * 0.9 && { limitedBy: limitOf(cores) }),
    cores,
    grownBytes: peakBytes - before,
  };
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/** Why less was published than asked for: both ends run on this machine. */
function limitOf({ server, clients, machine, load }) {
  if (server > 0.9) return 'the server, which had a core of its own';
  if (clients > 0.9) return 'the clients of this test, which share one core';
  if (load > machine) return `other programs: a load of ${load} on ${machine} cores`;
  return 'the machine, on which both ends run';
}

/** Connections that say nothing, or hardly anything, at every stage. */
export async function silentConnections({ port }, { connections, deadlineMs }) {
  const stages = [
    () => undefined,
    (socket) => drip(socket, upgradeHead(port)),
    (socket) => drip(socket, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n`),
    // Upgraded, and then no handshake: nothing at all, or one that never ends.
    (socket) => void socket.write(upgradeHead(port)),
    (socket) => {
      socket.write(upgradeHead(port));
      socket.write(frame('{"event":', { isFinal: false }));
      drip(socket, frame(' ', { opcode: 0, isFinal: false }), 7);
    },
  ];
  const started = performance.now();
  const sockets = [];
  for (let i = 0; i < connections; i++) {
    const socket = await tcp(port);
    socket.resume();
    const opened = performance.now();
    socket.on('close', () => {
      socket.endedAt = performance.now() - opened;
    });
    sockets.push(socket);
    stages[i % stages.length](socket);
  }
  // New clients connect meanwhile.
  let served = 0;
  while (sockets.some(({ endedAt }) => endedAt === undefined) && performance.now() - started < deadlineMs) {
    const client = await openSocket(port);
    client.sendFrame({ event: 'quick', cid: 2 });
    await client.until(() => client.frames > 1, 'an answer');
    client.socket.destroy();
    served += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const open = sockets.filter(({ endedAt }) => endedAt === undefined).length;
  for (const socket of sockets) socket.destroy();
  return { open, served, lastMs: Math.round(Math.max(...sockets.map(({ endedAt }) => endedAt ?? 0))) };
}

function drip(socket, text, size = 1) {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text.slice(at % text.length, (at % text.length) + size));
    at += size;
  }, 500);
  socket.on('close', () => clearInterval(timer));
}

/** A small message that would be a large one, in the form that compression would have. */
export async function inflatingMessage({ port }, { inflatedBytes }) {
  const compressed = deflateRawSync(Buffer.alloc(inflatedBytes, 'x'), { finishFlush: 2 });
  const asked = await openClient(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
  asked.sendFrame({ event: '#handshake', cid: 1, data: {} });
  await asked.until(() => asked.frames > 0, 'the handshake');
  asked.socket.write(frame(compressed, { reserved: 0x40 }));
  await asked.until(() => asked.closeCode !== undefined || asked.isClosed, 'the end');
  return { compressedBytes: compressed.length, code: asked.closeCode };
}

export async function endlessFragments({ port }, { fragments }) {
  const client = await openSocket(port);
  const part = frame('', { opcode: 0, isFinal: false });
  client.socket.write(frame('{', { isFinal: false }));
  for (let i = 0; i < fragments && client.closeCode === undefined && !client.isClosed; i++) {
    client.socket.write(part);
    // Now and then look at what the server says.
    if (i % 256 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await client.until(() => client.closeCode !== undefined || client.isClosed, 'the end');
  return { code: client.closeCode };
}

export async function slowCalls({ port, tell }, { calls }) {
  const client = await openSocket(port);
  for (let i = 0; i < calls; i++) client.sendFrame({ event: 'slow', cid: i + 2 });
  // All are answered but those that run.
  const refused = calls - 256;
  await client.until(() => client.frames === 1 + refused, 'the answers', 120_000);
  const { slowCalls: running, limitHits } = await tell('report');
  client.socket.destroy();
  return { running, refused: limitHits.outstandingCalls };
}

/** One socket says as much as it can while others are asked how they are. */
export async function flood({ port, tell }, { perSecond, seconds }) {
  const [loud, other] = [await openSocket(port), await openSocket(port)];
  const started = performance.now();
  const event = frame(JSON.stringify({ event: 'event', data: 1 }));
  let sent = 0;
  let slowestMs = 0;
  while (performance.now() - started < seconds * 1000) {
    const due = ((performance.now() - started) / 1000) * perSecond;
    for (; sent < due && !loud.isClosed; sent++) loud.socket.write(event);
    const asked = performance.now();
    const { frames } = other;
    other.sendFrame({ event: 'quick', cid: 9 });
    await other.until(() => other.frames > frames, 'another client to be answered');
    slowestMs = Math.max(slowestMs, performance.now() - asked);
  }
  const { limitHits } = await tell('report');
  const isOpen = !loud.isClosed;
  loud.socket.destroy();
  other.socket.destroy();
  return { sent, isOpen, slowedDown: limitHits.inboundRate > 0, slowestMs: Math.round(slowestMs) };
}
