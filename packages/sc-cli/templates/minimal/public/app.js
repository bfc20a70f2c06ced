const $ = (id) => document.getElementById(id);

const socket = socketCluster.connect();

socket.on('connect', async () => {
  $('state').textContent = await socket.invoke('hello', 'there');
});
socket.on('disconnect', () => {
  $('state').textContent = 'Connection lost. Reconnecting …';
});

const wall = socket.subscribe('wall');
wall.watch((text) => {
  const item = document.createElement('li');
  item.textContent = text;
  $('wall').prepend(item);
});

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await wall.publish($('text').value);
    $('text').value = '';
  } catch (error) {
    $('state').textContent = error.message;
  }
});
