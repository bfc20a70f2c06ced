import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { appNameProblem } from '../src/create/app-name.js';

describe('appNameProblem', () => {
  it.each(['myapp', 'my-app', 'my_app.2', '0'])('accepts %j', (name) => {
    expect(appNameProblem(name)).toBeUndefined();
  });

  it.each(['', 'My', '.app', '-app', 'a b', 'a/b', 'ä', 'node_modules', 'favicon.ico', 'a'.repeat(101), '$(id)'])(
    'refuses %j',
    (name) => {
      expect(appNameProblem(name)).toMatch(/^must /);
    },
  );

  it('accepts nothing that a shell, a path or JSON would read as more than a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        if (appNameProblem(name) === undefined) expect(name).toMatch(/^[a-z0-9._-]+$/);
      }),
    );
  });
});
