// Shows the scores, and every change from then on.
import { openStore } from './store.js';

const store = openStore();
// Listen before reading: a change in between is then shown twice rather than never.
store.on('message', (channel, { player, total }) => console.log(`${player}: ${total}`));
await store.subscribe('scores');
for (const [player, total] of Object.entries((await store.get('scores')) ?? {})) console.log(`${player}: ${total}`);
console.log('Waiting for scores. Stop with Ctrl-C.');

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void store.close());
