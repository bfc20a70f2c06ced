// Every worker takes what players do to the channel `moves`; the leader plays, and publishes the world.
import { serveFiles } from './serve-files.js';
import { createWorld, ticksPerSecond } from './world.js';

export function run({ isLeader, exchange, httpServer, scServer }) {
  httpServer.on('request', serveFiles());

  scServer.on('connection', (socket) => {
    // No ack and nothing to wait for: the next one says more than one that was lost.
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

  if (isLeader) play(exchange);
}

function play(exchange) {
  const world = createWorld();
  exchange.subscribe('moves').watch(([id, move]) => {
    if (move === 'leave') world.leave(id);
    else world.steer(id, move);
  });
  setInterval(() => {
    // Whoever is too slow for one misses it, and gets the next.
    exchange.publish('world', world.next(), { volatile: true }).catch(() => undefined);
  }, 1000 / ticksPerSecond);
}
