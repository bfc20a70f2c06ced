import { cpSync, existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DependencyFields } from './dependency-fields.js';

/** Whether the folder (or a file of that name) is there with something in it. */
export function isOccupied(folder: string): boolean {
  if (!existsSync(folder)) return false;
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return true; // Not a folder.
  }
}

/** Copies the template and fills in its `package.json`. */
export function writeApp(app: {
  readonly template: string;
  readonly folder: string;
  readonly appName: string;
  readonly fields: DependencyFields;
}): void {
  cpSync(app.template, app.folder, { recursive: true });
  // npm leaves files named .gitignore out of what it packs.
  renameSync(join(app.folder, 'gitignore'), join(app.folder, '.gitignore'));
  const file = join(app.folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, `${JSON.stringify({ ...manifest, name: app.appName, ...app.fields }, null, 2)}\n`);
  for (const name of ['README.md', 'server.js']) {
    const path = join(app.folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('APP_NAME', app.appName));
  }
}
