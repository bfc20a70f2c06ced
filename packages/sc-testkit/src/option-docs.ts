import { readFileSync, writeFileSync } from 'node:fs';
import type { OptionTable } from 'sc-protocol/kit';

/** A group of options with the location of its declarations. */
export interface OptionSection {
  /** Heading of the section in `docs/options.md`. */
  readonly title: string;
  /** Declarations of its options, in the order of the section. */
  readonly table: OptionTable;
  /** Modules with these declarations. Their comments are the descriptions. */
  readonly sources: readonly URL[];
}

const page = new URL('../../../docs/options.md', import.meta.url);

/** The description of each option by section and name, with white space collapsed. */
type Descriptions = Readonly<Record<string, string>>;

/**
 * Returns the description of each option in `docs/options.md`, and that of its declaration. With `WRITE_DOCS` in the
 * environment, first updates the options that differ; format the page afterwards.
 */
export function compareOptionDocs(sections: readonly OptionSection[]): {
  readonly is: Descriptions;
  readonly should: Descriptions;
} {
  const parts = readFileSync(page, 'utf8').split(/^(?=## )/m);
  const is: Record<string, string> = {};
  const should: Record<string, string> = {};
  for (const section of sections) {
    const index = parts.findIndex((part) => part.startsWith(`## ${section.title}\n`));
    const [intro = '', ...written] = parts[index]?.split(/^(?=### )/m) ?? [];
    const known = new Map(written.map((text) => [/^### (\S+)/.exec(text)?.[1] ?? '', text]));
    const described = describeOptions(section);
    for (const [name, text] of known) is[`${section.title}: ${name}`] = oneSpace(text);
    for (const [name, text] of described) should[`${section.title}: ${name}`] = oneSpace(text);
    if (process.env['WRITE_DOCS'] === undefined) continue;
    const texts = [...described].map(([name, text]) => {
      const old = known.get(name);
      return old !== undefined && oneSpace(old) === oneSpace(text) ? `${old.trim()}\n` : text;
    });
    parts[index] = `${intro}${texts.join('\n')}${index === parts.length - 1 ? '' : '\n'}`;
  }
  if (process.env['WRITE_DOCS'] === undefined) return { is, should };
  writeFileSync(page, parts.join(''));
  return { is: should, should };
}

function oneSpace(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

interface Declaration {
  readonly explanation: string;
  readonly stated: string | undefined;
  readonly type: string | undefined;
}

/** The text of each option, by its name. */
function describeOptions({ table, sources }: OptionSection): Map<string, string> {
  const declarations = new Map<string, Declaration>();
  for (const source of sources) {
    for (const [name, declaration] of declarationsIn(readFileSync(source, 'utf8'))) {
      if (!declarations.has(name)) declarations.set(name, declaration);
    }
  }
  const texts = new Map<string, string>();
  for (const [name, option] of Object.entries(table)) {
    const { explanation, stated, type } = declarations.get(name) ?? { explanation: '(no explanation)' };
    const literal = 'default' in option ? `\`${show(option.default)}\`` : 'none';
    const typeText =
      option.type === 'one-of' ? option.values.map(show).join(' | ') : (type ?? simpleTypes[option.type]);
    texts.set(name, `### ${name}\n\n${explanation}\n\nType \`${typeText}\`, default: ${stated ?? literal}.\n`);
  }
  return texts;
}

const simpleTypes = {
  string: 'string',
  boolean: 'boolean',
  duration: 'number',
  count: 'number',
  number: 'number',
  any: 'unknown',
};

/** The comment before each property that is declared by a call, and the type in `value<Type>()`. */
function* declarationsIn(source: string): Generator<[name: string, declaration: Declaration]> {
  const pattern = /^ *\/\*\*((?:(?!\*\/)[^])*)\*\/\n +(\w+): \w+(?:<([^]*?)>)?[(.]/gm;
  for (const [, comment = '', name = '', type] of source.matchAll(pattern)) {
    const text = comment
      .split('\n')
      .map((line) => line.replace(/^ *\* ?/, ''))
      .join('\n')
      .trim();
    const [explanation = '', stated] = text.split(/\s+@default /);
    yield [name, { explanation, stated: stated?.replace(/\s+/g, ' ').trim(), type: type?.replace(/\s+/g, ' ').trim() }];
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
