import { keepAwake } from '../measure/keep-awake.js';
import type { Workload } from './workload.js';

/** Runs the workload on cores that never idle: for processes that wait for each other with few messages in flight. */
export function keptAwake(workload: Workload): Workload {
  return {
    ...workload,
    async run(context) {
      const letSleep = await keepAwake(context.programs.awake);
      try {
        const result = await workload.run(context);
        return { ...result, notes: [...(result.notes ?? []), 'Cores are kept awake.'] };
      } finally {
        await letSleep();
      }
    },
  };
}
