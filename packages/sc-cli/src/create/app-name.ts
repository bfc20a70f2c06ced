const longestName = 100;

/** Why the name of an app is invalid, as the end of a sentence; `undefined` if it is valid. */
export function appNameProblem(name: string): string | undefined {
  if (name.length > longestName) return `must be at most ${longestName} characters`;
  // Names that are valid both as an npm package and as a folder on every file system.
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    return 'must start with a small letter or a digit and hold only small letters, digits, ".", "_" and "-"';
  }
  if (name === 'node_modules' || name === 'favicon.ico') return 'must not be a name that npm keeps for itself';
  return undefined;
}
