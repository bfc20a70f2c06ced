import { serve } from './app.js';
import { settings } from './settings.js';

export function run(worker) {
  serve(worker.scServer, { id: worker.id, workers: settings.workers });
}
