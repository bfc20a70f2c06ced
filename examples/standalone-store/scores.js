// Adds points for a player, and tells whoever listens: node scores.js ada 5
import { openStore } from './store.js';

const [player = 'ada', points = '1'] = process.argv.slice(2);
const store = openStore();

// One step in the store, so that two programs that add at once both count.
const total = await store.increment(['scores', player], Number(points));
await store.publish('scores', { player, total });
console.log(`${player} has ${total}`);

await store.close();
