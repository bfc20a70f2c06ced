// Logs in over HTTP, then listens for notes on a socket: node client.js http://localhost:8000 ada 'difference engine'
import { connect } from 'sc-client';

const [url = 'http://localhost:8000', username = 'ada', password = 'difference engine'] = process.argv.slice(2);

/** Called for the first handshake, and again whenever the token has expired. */
async function auth() {
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!response.ok) throw new Error((await response.json()).error);
  return (await response.json()).token;
}

const { hostname, port } = new URL(url);
const socket = connect({ hostname, port: Number(port), auth });
socket.on('error', (error) => console.error(error.message));

const notes = socket.subscribe('notes');
notes.on('subscribe', async () => console.log(`Listening as ${await socket.invoke('whoami')}`));
notes.watch(({ from, text }) => console.log(`${from}: ${text}`));
