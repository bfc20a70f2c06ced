/** The version of this package, announced to servers. A test keeps it in sync with package.json. */
export const version = '0.1.0';
