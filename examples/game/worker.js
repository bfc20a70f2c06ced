// Every worker publishes the moves of its players to the channel `moves`; the leader applies them and publishes the
// world.
import { serveFiles } from './serve-files.js';
import { createWorld, ticksPerSecond } from './world.js';

export function run(worker) {
  const { exchange, httpServer, scServer } = worker;
  httpServer.on('request', serveFiles());

  scServer.on('connection', (socket) => {
    // Fire and forget: the next move supersedes a lost one.
    socket.on('steer', (direction) => exchange.publish('moves', [socket.id, String(direction)]));
    socket.on('disconnect', () => exchange.publish('moves', [socket.id, 'leave']));
    void exchange.publish('moves', [socket.id, 'stop']);
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ channel }) => {
    if (channel !== 'world') throw new Error(`There is no channel ${channel}`);
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please steer');
  });

  // The leader changes after a crash and in a reload.
  let stop = worker.isLeader ? play(exchange) : undefined;
  worker.on('leaderStart', () => (stop ??= play(exchange)));
  worker.on('leaderEnd', () => {
    stop?.();
    stop = undefined;
  });
}

function play(exchange) {
  const world = createWorld();
  const onMove = ([id, move]) => {
    if (move === 'leave') world.leave(id);
    else world.steer(id, move);
  };
  const moves = exchange.subscribe('moves');
  moves.watch(onMove);
  const timer = setInterval(() => {
    // A slow client misses this publication and receives a later one.
    exchange.publish('world', world.next(), { volatile: true }).catch(() => undefined);
  }, 1000 / ticksPerSecond);
  return () => {
    clearInterval(timer);
    moves.unwatch(onMove);
  };
}
