// The connection of both programs to the store, with the settings of `npx ndata-store --port 9435 --secret-file
// ./secret`.
import { readFileSync } from 'node:fs';
import { NdataClient } from 'ndata-store';

export function openStore() {
  const secret = readFileSync(process.env.SECRET_FILE ?? './secret', 'utf8').trim();
  const store = new NdataClient({ port: Number(process.env.STORE_PORT ?? 9435), secret });
  store.on('error', (error) => console.error(error.message));
  return store;
}
