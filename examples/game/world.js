// The rules of the world: players and their movement. Independent of sockets.
export const size = 400;
export const ticksPerSecond = 20;
const step = 8;
const directions = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1], stop: [0, 0] };

export function createWorld() {
  const players = new Map();
  let tick = 0;
  return {
    steer(id, direction) {
      const heading = directions[direction];
      if (heading === undefined) return;
      const player = players.get(id) ?? { x: size / 2, y: size / 2 };
      players.set(id, { ...player, heading });
    },
    leave: (id) => players.delete(id),
    /** Moves all players and returns the complete state, so that a lost one does not matter. */
    next() {
      const bound = (value) => Math.max(0, Math.min(size, value));
      for (const player of players.values()) {
        player.x = bound(player.x + player.heading[0] * step);
        player.y = bound(player.y + player.heading[1] * step);
      }
      return { tick: ++tick, players: [...players].map(([id, { x, y }]) => [id, x, y]) };
    },
  };
}
