// The page: a socket, a login, a channel. `socketCluster` is the script build of sc-client.
const $ = (id) => document.getElementById(id);

const socket = socketCluster.connect();
const shown = new Set();
let channel;

/* The connection */

function showState(state, text) {
  $('state').dataset.state = state;
  $('state').textContent = text;
}

socket.on('ready', ({ isAuthenticated }) => {
  showState('open', 'Connected');
  showRoom(isAuthenticated);
});
socket.on('connectAbort', () => showState('connecting', 'No connection yet. Trying again…'));
socket.on('disconnect', () => showState('closed', 'Connection lost. Reconnecting…'));

/* Login. Tabs of one browser share the token: they log in and out together. */

socket.on('authenticate', () => showRoom(true));
socket.on('deauthenticate', () => showRoom(false));

$('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const [username, password] = [$('username').value, $('password').value];
  if (await attempt(() => socket.invoke('login', { username, password }))) $('password').value = '';
});
$('logout').addEventListener('click', () => attempt(() => socket.invoke('logout')));

function showRoom(isLoggedIn) {
  for (const id of ['room', 'logout']) $(id).hidden = !isLoggedIn;
  $('login').hidden = isLoggedIn;
  if (isLoggedIn && channel === undefined) {
    channel = socket.subscribe('chat');
    channel.watch(show);
    // Emitted again after every reconnect: fetch the messages of the meantime.
    channel.on('subscribe', fetchRecent);
    $('text').focus();
  } else if (!isLoggedIn) {
    channel?.destroy();
    channel = undefined;
    shown.clear();
    $('log').replaceChildren();
    $('username').focus();
  }
}

/* Messages */

async function fetchRecent() {
  await attempt(async () => {
    const messages = await socket.invoke('recent');
    messages.forEach(show);
  });
}

function show({ id, from, text, at }) {
  if (shown.has(id)) return;
  shown.add(id);
  const log = $('log');
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const isMine = from === socket.authToken?.username;
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const item = element('li', isMine ? 'mine' : '');
  item.append(element('p', 'from', `${isMine ? 'You' : from} · ${time}`), element('p', 'text', text));
  item.dataset.at = at;
  // A fetched message may be older than one that was published live.
  const later = [...log.children].find((other) => Number(other.dataset.at) > at);
  log.insertBefore(item, later ?? null);
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
}

$('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = $('text').value;
  $('text').value = '';
  $('text').focus();
  const isSaid = await attempt(() => socket.invoke('say', text));
  // Put an unsent message back, unless the user has typed something else meanwhile.
  if (!isSaid && $('text').value === '') $('text').value = text;
});

/* Helpers */

/** Returns whether the action succeeded. If not, the page shows the reason. */
async function attempt(action) {
  try {
    await action();
    $('problem').hidden = true;
    return true;
  } catch (error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
    return false;
  }
}

function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
