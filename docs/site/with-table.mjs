/**
 * Binds a table to a function as its first argument. VitePress sends functions of its configuration to the browser as
 * text, so the text of this one contains the table.
 */
export function withTable(table, apply) {
  const bound = (...args) => apply(table, ...args);
  bound.toString = () => `(...args) => (${apply})(${JSON.stringify(table)}, ...args)`;
  return bound;
}
