// Writes what every entry of a published package exports into packages/*/etc/*.api.md, or checks that it is written
// there: a change of what users can touch is then seen in the change itself. Usage: api-reports.mjs [--update]
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isUpdate = process.argv.includes('--update');

/** Every entry: its types, and the report of them. `sc-server/tools` has `packages/sc-server/etc/tools.api.md`. */
function findEntries() {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name);
    const manifestFile = join(folder, 'package.json');
    if (!existsSync(manifestFile)) return [];
    const { private: isPrivate, exports = {} } = JSON.parse(readFileSync(manifestFile, 'utf8'));
    if (isPrivate === true) return [];
    return Object.entries(exports).flatMap(([key, conditions]) => {
      const types = (conditions.default ?? conditions).import?.types;
      const report = key === '.' ? 'index' : key.slice('./'.length).replaceAll('/', '-');
      return types === undefined ? [] : [{ folder, manifestFile, types: join(folder, types), report }];
    });
  });
}

function configOf({ folder, manifestFile, types, report }, reports) {
  const quiet = { default: { logLevel: 'none' } };
  return ExtractorConfig.prepare({
    packageJsonFullPath: manifestFile,
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            lib: ['es2023', 'dom'],
            types: ['node'],
            strict: true,
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: report,
        // Without what is marked @internal.
        reportVariants: ['public'],
        reportFolder: reports,
        reportTempFolder: join(reports, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
      },
    },
  });
}

/** The texts of all reports, made in a folder that is gone afterwards. */
function makeReports(entries) {
  const work = mkdtempSync(join(tmpdir(), 'api-reports-'));
  try {
    const prepared = entries.map((entry, index) => {
      const reports = join(work, String(index));
      mkdirSync(reports);
      return { entry, reports, config: configOf(entry, reports) };
    });
    // One program for all of them: most of the time goes into reading types.
    const additionalEntryPoints = entries.map(({ types }) => types);
    const compilerState = CompilerState.create(prepared[0].config, { additionalEntryPoints });
    return prepared.map(({ entry, reports, config }) => {
      Extractor.invoke(config, {
        compilerState,
        localBuild: true,
        messageCallback: (message) => {
          // That it has made a new report is no news.
          if (message.logLevel !== 'error') message.handled = true;
        },
      });
      return readFileSync(join(reports, `${entry.report}.public.api.md`), 'utf8');
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The lines that one text has and the other has not. */
function differences(before, after) {
  const [old, made] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !made.includes(line)).map((line) => `  - ${line}`),
    ...made.filter((line) => !old.includes(line)).map((line) => `  + ${line}`),
  ];
}

const entries = findEntries();
const texts = makeReports(entries);
const changed = entries.flatMap(({ folder, report }, index) => {
  const file = join(folder, 'etc', `${report}.api.md`);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before === texts[index]) return [];
  if (isUpdate) {
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(file, texts[index]);
  }
  return [`${relative(root, file)}\n${differences(before, texts[index]).join('\n')}`];
});
if (isUpdate) console.log(`${entries.length} reports of what packages export, ${changed.length} changed`);
else if (changed.length > 0) {
  console.error(`The exports of packages differ from their API reports:\n\n${changed.join('\n\n')}\n`);
  console.error('If it is meant: npx pnpm api:update, look at the difference, and write a changeset for it.');
  process.exitCode = 1;
}
