import { fileURLToPath } from 'node:url';

/** The built entry modules of the child processes, which lie beside this one. They are ES modules only. */
export const processFiles = {
  worker: file('worker'),
  store: file('store'),
  balancer: file('balancer'),
} as const;

function file(role: string): string {
  return fileURLToPath(new URL(`./processes/${role}.js`, import.meta.url));
}
