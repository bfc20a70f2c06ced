// Adds points for a player, and publishes the new total: node scores.js ada 5
import { openStore } from './store.js';

const [player = 'ada', points = '1'] = process.argv.slice(2);
const store = openStore();

// One atomic command, so that concurrent programs do not overwrite each other.
const total = await store.increment(['scores', player], Number(points));
await store.publish('scores', { player, total });
console.log(`${player} has ${total}`);

await store.close();
