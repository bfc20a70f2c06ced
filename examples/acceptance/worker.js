import { serve } from './app.js';
import { useCodec } from './codec.js';
import { settings } from './settings.js';

export function run(worker) {
  useCodec(worker.scServer);
  serve(worker.scServer, { id: worker.id, workers: settings.workers });
}
