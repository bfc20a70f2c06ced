// Clients that come, log in, subscribe, call and publish, and go again: one leaves and one comes every `churnMs`.
// Prints once a second how much it has done, as JSON.
import { connect } from 'sc-client';

const [port, count, churnMs] = process.argv.slice(2).map(Number);
const done = { connected: 0, left: 0, called: 0, published: 0, received: 0, failed: 0 };
const clients = [];
/** A call interrupted because the client leaves is not a failure. */
const failureOf = (one) => () => {
  if (!one.hasLeft) done.failed++;
};
let number = 0;
/**
 * Channels of each client that nobody has used before. Many, so that a store and the workers make enough garbage for V8 to
 * collect it every few minutes: a slope over half an hour says nothing about a cycle of twenty minutes.
 */
const ownChannels = 8;

function come() {
  const name = `client ${number++}`;
  const client = connect({
    hostname: '127.0.0.1',
    port,
    secure: true,
    authEngine: memory(),
    wsOptions: { rejectUnauthorized: false },
  });
  const one = { client, channel: `room ${number % 20}`, hasLeft: false };
  const fail = failureOf(one);
  client.on('error', fail);
  client.on('connect', () => done.connected++);
  client.invoke('login', name).catch(fail);
  const own = Array.from({ length: ownChannels }, (_, index) => `own ${number} ${index}`);
  for (const channel of ['news', one.channel, ...own]) client.subscribe(channel).watch(() => done.received++);
  clients.push(one);
}

function go(one) {
  done.left++;
  one.hasLeft = true;
  one.client.disconnect();
}

/** A token store for each client: they are different visitors. */
function memory() {
  let token = null;
  return {
    loadToken: async () => token,
    saveToken: async (_name, saved) => (token = saved),
    removeToken: async () => {
      const removed = token;
      token = null;
      return removed;
    },
  };
}

let turn = 0;
const timers = [
  setInterval(() => {
    if (clients.length < count) return come();
    go(clients.shift());
    come();
  }, churnMs),
  setInterval(() => {
    const one = clients[turn++ % clients.length];
    if (one?.client.state !== 'open') return;
    const { client, channel } = one;
    const fail = failureOf(one);
    client.invoke('echo', { turn, text: 'x'.repeat(turn % 500) }).then(() => done.called++, fail);
    client
      .publish(turn % 4 === 0 ? 'news' : channel, { turn, text: 'y'.repeat(turn % 300) })
      .then(() => done.published++, fail);
  }, 20),
  setInterval(() => console.log(JSON.stringify(done)), 1_000),
];
process.once('SIGTERM', () => {
  for (const timer of timers) clearInterval(timer);
  for (const one of clients) go(one);
});
