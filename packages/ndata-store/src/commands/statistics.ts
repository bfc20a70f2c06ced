import { statisticsOf } from '../data/statistics.js';
import type { Command } from './command.js';

export const statistics: Command = {
  name: 'statistics',
  writes: false,
  transacts: false,
  run: (core) => JSON.stringify(statisticsOf(core)),
};
