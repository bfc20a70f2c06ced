const withScript = new Set(['-e', '--eval', '-p', '--print', '-pe']);

/** Node's own arguments that a child may inherit: neither the debugger's port, which is in use, nor script text. */
export function inheritableExecArgv(execArgv: readonly string[]): readonly string[] {
  return execArgv.filter((argument, index) => {
    if (withScript.has(argument) || withScript.has(execArgv[index - 1] ?? '')) return false;
    return !/^--(inspect|input-type|eval=|print=)/.test(argument);
  });
}

/** The value of `NODE_OPTIONS` for a child, without the debugger, whose port the parent uses. */
export function inheritableNodeOptions(nodeOptions: string): string {
  return nodeOptions
    .replace(/(^|\s)--(?:inspect-port|debug-port)\s+\S+/g, '$1')
    .replace(/(^|\s)--(?:inspect(?:-[\w-]+)?|debug-port)(?:=\S*)?(?=\s|$)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
