import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;

const names = ['sc', 'socketcluster', 'sc-cli'];

/** The script, or `undefined` for an unknown shell. */
export function completionScript(shell: string, program: Command): string | undefined {
  const words = wordsOf(program);
  switch (shell) {
    case 'bash':
      return bash(words);
    case 'zsh':
      // zsh supports bash completions.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case 'fish':
      return fish(program);
    default:
      return undefined;
  }
}

/**
 * The words that may follow each command: `''` is the program itself, `token` its command, `token sign` a subcommand.
 */
function wordsOf(command: Command, path = ''): Map<string, string[]> {
  const flags = command.options
    .filter(({ hidden, long }) => !hidden && long !== undefined)
    .map(({ long }) => long ?? '');
  const words = new Map([[path, [...command.commands.map((sub) => sub.name()), ...flags, '--help']]]);
  for (const sub of command.commands) {
    for (const [inner, own] of wordsOf(sub, `${path} ${sub.name()}`.trim())) words.set(inner, own);
  }
  return words;
}

function bash(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words].map(([path, own]) => `    '${path}') words='${own.join(' ')}' ;;`);
  return `_sc_complete() {
  local words path='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  # Behind the arguments of a command its flags are still wanted.
  while :; do
    case "$path" in
${cases.join('\n').replaceAll(/^ {4}/gm, '      ')}
    esac
    [ -n "$words" ] && break
    case "$path" in *' '*) path="\${path% *}" ;; *) path='' ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sc_complete ${names.join(' ')}
`;
}

function fish(program: Command): string {
  const line = (condition: string, rest: string) =>
    names.map((name) => `complete -c ${name} -n '${condition}' ${rest}`);
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = program.commands.flatMap((command) => [
    ...line('__fish_use_subcommand', `-a ${command.name()} -d ${quoted(command.summary())}`),
    ...command.commands.flatMap((sub) =>
      line(`__fish_seen_subcommand_from ${command.name()}`, `-a ${sub.name()} -d ${quoted(sub.summary())}`),
    ),
    ...command.options
      .filter(({ hidden, long }) => !hidden && long !== undefined)
      .flatMap(({ long = '', description }) =>
        line(`__fish_seen_subcommand_from ${command.name()}`, `-l ${long.slice(2)} -d ${quoted(description)}`),
      ),
  ]);
  return `${lines.join('\n')}\n`;
}
