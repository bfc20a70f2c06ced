import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { DependencyFields } from './dependency-fields.js';

/** Whether the path is a file or a non-empty folder. */
export function isOccupied(folder: string): boolean {
  if (!existsSync(folder)) return false;
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return true; // Not a folder.
  }
}

/** Copies the template, completes its `package.json`, and replaces the placeholder for the app's name. */
export function writeApp(app: {
  readonly template: string;
  readonly folder: string;
  readonly appName: string;
  readonly fields: DependencyFields;
}): void {
  for (const entry of readdirSync(app.template, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // npm excludes files named .gitignore from packages.
    const target = join(app.folder, relative(app.template, path).replace(/^gitignore$/, '.gitignore'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(path, 'utf8').replaceAll('APP_NAME', app.appName));
  }
  const file = join(app.folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, `${JSON.stringify({ ...manifest, ...app.fields }, null, 2)}\n`);
}
