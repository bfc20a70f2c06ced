const socket = socketCluster.connect();
const context = document.querySelector('#world').getContext('2d');
const state = document.querySelector('#state');

socket.subscribe('world').watch(({ players }) => {
  context.clearRect(0, 0, 400, 400);
  for (const [id, x, y] of players) {
    context.fillStyle = id === socket.id ? 'crimson' : 'gray';
    context.fillRect(x - 5, y - 5, 10, 10);
  }
  state.textContent = players.length === 1 ? '1 player' : `${players.length} players`;
});

const steer = (direction) => socket.emit('steer', direction, { volatile: true });
addEventListener('keydown', ({ key, repeat }) => {
  if (key.startsWith('Arrow') && !repeat) steer(key.slice('Arrow'.length).toLowerCase());
});
addEventListener('keyup', () => steer('stop'));
