import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runProcess } from 'sc-testkit';

const require = createRequire(import.meta.url);
const program = fileURLToPath(new URL('consumer/application.ts', import.meta.url));
const flags =
  '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2022 --lib es2022,dom --module nodenext --typeRoots none'.split(
    ' ',
  );

describe('the types of the package as it is built, which follow the interface of an application or let everything pass,', () => {
  it.each([
    ['5.4', 'typescript-5.4'],
    ['5.9', 'typescript'],
  ])(
    'say the same to TypeScript %s',
    async (version, compiler) => {
      const tsc = require.resolve(`${compiler}/bin/tsc`);
      const [shown, compiled] = [
        await runProcess(tsc, { args: ['--version'] }),
        await runProcess(tsc, { args: [...flags, program], deadlineMs: 120_000 }),
      ];
      expect(shown.stdout).toContain(`Version ${version}.`);
      expect([compiled.stdout, compiled.code]).toStrictEqual(['', 0]);
    },
    150_000,
  );
});
