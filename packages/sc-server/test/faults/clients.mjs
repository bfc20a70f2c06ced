// Many clients that stay, publish, and come back when they are lost, and a visitor that asks over HTTP all the time.
// Forked by the test, which asks by message and gets one answer for each.
import { get } from 'node:http';
import { connect } from 'sc-client';

const [port, count, publishesPerSecond] = process.argv.slice(2).map(Number);
/** Since the last `reset`: how long lost clients were away, on which process they were, and what the visitor met. */
let seen;
const reset = () => (seen = { away: [], lostFrom: [], received: 0, asked: 0, refused: 0, refusals: [] });
reset();

const clients = Array.from({ length: count }, () => {
  const client = connect({ hostname: '127.0.0.1', port });
  const one = { client, pid: undefined, lostAt: undefined };
  client.on('error', () => undefined);
  client.on('disconnect', () => {
    one.lostAt ??= performance.now();
    seen.lostFrom.push(one.pid);
    one.pid = undefined;
  });
  client.subscribe('news').watch(() => seen.received++);
  client.on('connect', async () => {
    if (one.lostAt !== undefined) seen.away.push(Math.round(performance.now() - one.lostAt));
    one.lostAt = undefined;
    // On a busy machine an answer may be late.
    while (client.state === 'open' && one.pid === undefined) {
      one.pid = await client.invoke('where').catch(() => undefined);
    }
  });
  return one;
});

let turn = 0;
setInterval(() => {
  const { client } = clients[turn++ % clients.length];
  if (client.state === 'open') client.publish('news', turn).catch(() => undefined);
}, 1_000 / publishesPerSecond);

/** A visitor that was connected and then cut by a crash is no refusal; one that could not connect is. */
function ask() {
  seen.asked++;
  const { refusals } = seen;
  const request = get({ host: '127.0.0.1', port, agent: false }, (response) => {
    response.on('error', () => undefined);
    response.resume();
  });
  request.on('error', (error) => refusals.push(error.code ?? error.message));
}
setInterval(ask, 20);

const answers = {
  reset: () => reset(),
  seen: () => seen,
  /** How many are not open, are not subscribed, or do not know where they are. */
  unsettled: () => ({
    closed: clients.filter(({ client }) => client.state !== 'open').length,
    unsubscribed: clients.filter(({ client }) => client.channel('news').state !== 'subscribed').length,
    lost: clients.filter(({ pid }) => pid === undefined).length,
  }),
  pids: () => clients.map(({ pid }) => pid),
  spin: ({ pid, ms }) => {
    const one = clients.find((candidate) => candidate.pid === pid);
    one.client.invoke('spin', ms).catch(() => undefined);
  },
};
process.on('message', ({ id, name, data }) => process.send({ id, value: answers[name](data) ?? null }));
process.on('disconnect', () => process.exit());
