// The page: one socket, its channels, and their display.
const $ = (id) => document.getElementById(id);

const socket = socketCluster.connect();
const joined = new Map();
let current = 'lobby';

/* Connection state */

function showState(state, text) {
  $('state').dataset.state = state;
  $('state-text').textContent = text;
}

socket.on('connect', async () => {
  showState('open', 'Connected');
  try {
    const { worker, pid } = await socket.invoke('where');
    showState('open', `Connected to worker ${worker} (pid ${pid})`);
  } catch {
    // The connection was lost again; the event `disconnect` reports it.
  }
});
socket.on('connectAbort', () => showState('connecting', 'No connection yet. Trying again…'));
socket.on('disconnect', () => {
  showState('closed', 'Connection lost. Reconnecting…');
  for (const channel of joined.keys())
    addNote(channel, 'The connection was lost. Messages sent meanwhile are shown when it is back.');
});
socket.on('ready', ({ isAuthenticated }) => {
  if (isAuthenticated) showName(socket.authToken.username);
  else showName(undefined);
});

/* Your name */

function showName(name) {
  const isAway = name === undefined;
  document.body.classList.toggle('away', isAway);
  $('me').hidden = isAway;
  $('me-name').textContent = name ?? '';
  (isAway ? $('enter-name') : $('say-text')).focus();
}

$('enter').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = await attempt(socket.invoke('enter', $('enter-name').value));
  if (name !== undefined) showName(name);
});

$('leave').addEventListener('click', async () => {
  await attempt(socket.invoke('leave'));
  showName(undefined);
});

/* Channels */

function join(name) {
  if (!joined.has(name)) {
    const channel = { entries: [], unread: 0 };
    joined.set(name, channel);
    // The last 50 messages when it joins; after that exactly what it missed.
    const subscription = socket.subscribe(`chat/${name}`, { rewind: 50 });
    subscription.watch((message) => addEntry(name, message));
    subscription.on('subscribe', (_name, { recovered }) => {
      if (recovered === false) addNote(name, 'Some messages are missing here.');
    });
    subscription.on('subscribeFail', (error) => addNote(name, error.message));
  }
  open(name);
}

function open(name) {
  current = name;
  joined.get(name).unread = 0;
  $('title').textContent = `#${name}`;
  $('log').replaceChildren(...joined.get(name).entries);
  scrollToEnd();
  showChannels();
}

function showChannels() {
  $('channels').replaceChildren(
    ...[...joined].map(([name, { unread }]) => {
      const button = element('button', '', `#${name}`);
      button.type = 'button';
      if (name === current) button.setAttribute('aria-current', 'true');
      if (unread > 0) {
        const count = element('span', 'unread', unread);
        count.setAttribute('aria-label', `${unread} unread`);
        button.append(count);
      }
      button.addEventListener('click', () => {
        open(name);
        $('say-text').focus();
      });
      const item = document.createElement('li');
      item.append(button);
      return item;
    }),
  );
}

$('join').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = $('join-name').value.trim().replace(/^#+/, '').toLowerCase();
  if (name === '') return;
  $('join-name').value = '';
  join(name);
  $('say-text').focus();
});

/* Messages */

const mostEntries = 500;

function add(name, item) {
  const channel = joined.get(name);
  channel.entries.push(item);
  const old = channel.entries.length > mostEntries ? channel.entries.shift() : undefined;
  if (name !== current) return false;
  const log = $('log');
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  old?.remove();
  log.append(item);
  if (wasAtEnd) scrollToEnd();
  return true;
}

function addEntry(name, { from, text, at, worker }) {
  const isMine = from === $('me-name').textContent;
  const item = element('li', isMine ? 'entry mine' : 'entry');
  const face = element('span', 'face', [...from][0].toUpperCase());
  face.setAttribute('aria-hidden', 'true');
  face.style.setProperty('--hue', hueOf(from));
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const head = element('p', 'from');
  head.append(element('strong', '', isMine ? 'You' : from), element('span', '', `${time} · worker ${worker}`));
  item.append(face, head, element('p', 'text', text));
  if (!add(name, item)) {
    joined.get(name).unread += 1;
    showChannels();
  }
}

function addNote(name, text) {
  add(name, element('li', 'note', text));
}

$('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const input = $('say-text');
  const text = input.value;
  if (text.trim() === '') return;
  input.value = '';
  input.focus();
  const isSaid = (await attempt(say({ channel: current, text, id: nextId() }))) === true;
  // Put an unsent message back, unless the user has typed something else meanwhile.
  if (!isSaid && input.value === '') input.value = text;
});

/** Says it once, however often the connection is lost meanwhile: the server tells a repetition by its id. */
async function say(message) {
  for (;;) {
    try {
      await socket.invoke('say', message);
      return true;
    } catch (error) {
      if (error.name !== 'BadConnectionError') throw error;
    }
  }
}

const page = Math.random().toString(36).slice(2);
let count = 0;

function nextId() {
  count += 1;
  return `${page}-${count}`;
}

/* Helpers */

/** Awaits a call. If it fails, shows the reason and returns `undefined`. */
async function attempt(call) {
  try {
    const answer = await call;
    $('problem').hidden = true;
    return answer;
  } catch (error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
    return undefined;
  }
}

function element(name, className, text = '') {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}

function scrollToEnd() {
  $('log').scrollTop = $('log').scrollHeight;
}

function hueOf(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return hash;
}

join('lobby');
showName(undefined);
